#include "api/shared/process_metrics.h"

#include <array>
#include <cstdint>
#include <vector>

#include "api/shared/process_stats.h"

namespace rollcall::api {

void AddProcess(MetricList& list) {
  const ProcessStats process = ReadProcessStats();
  list.Counter("rollcall_process_cpu_seconds_total", "CPU time of all threads, user and system.")
      .Value(process.cpu_seconds);
  list.Gauge("rollcall_process_resident_memory_bytes", "Memory of the process that is in RAM.")
      .Value(process.resident_bytes);
  list.Gauge("rollcall_process_open_fds", "File descriptors that are open.")
      .Value(process.open_fds);
  list.Gauge("rollcall_process_max_fds", "How many file descriptors may be open.")
      .Value(process.max_fds);
}

void AddHttp(MetricList& list, std::span<const http::Counters* const> parts, size_t connections) {
  constexpr std::array kClasses{"1xx", "2xx", "3xx", "4xx", "5xx"};
  list.Counter("rollcall_http_requests_total", "HTTP requests answered, by class of the status.");
  for (size_t digit = 1; digit <= kClasses.size(); ++digit) {
    uint64_t answers = 0;
    for (const http::Counters* part : parts) answers += part->answers[digit].value();
    list.Value(answers, {{"status", kClasses[digit - 1]}});
  }
  std::vector<const LatencyHistogram*> latencies;
  for (const http::Counters* part : parts) latencies.push_back(&part->latency);
  list.Histogram("rollcall_http_request_duration_seconds",
                 "From a request's last byte to its answer, without blocking queries that wait.",
                 latencies);
  list.Gauge("rollcall_http_connections", "HTTP connections that are open.").Value(connections);
}

}  // namespace rollcall::api
