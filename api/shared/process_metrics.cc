#include "api/shared/process_metrics.h"

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

}  // namespace rollcall::api
