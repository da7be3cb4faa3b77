#include "api/shared/metric_list.h"

#include <chrono>
#include <cstdint>
#include <limits>

namespace rollcall::api {
namespace {

double Seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

MetricList& MetricList::Begin(std::string name, std::string help, prometheus::MetricType type) {
  prometheus::MetricFamily& family = families_.emplace_back();
  family.name = std::move(name);
  family.help = std::move(help);
  family.type = type;
  return *this;
}

MetricList& MetricList::Add(double value, std::vector<Label> labels) {
  prometheus::MetricFamily& family = families_.back();
  prometheus::ClientMetric& metric = family.metric.emplace_back();
  metric.label = std::move(labels);
  if (family.type == prometheus::MetricType::Counter) {
    metric.counter.value = value;
  } else {
    metric.gauge.value = value;
  }
  return *this;
}

MetricList& MetricList::Histogram(std::string name, std::string help,
                                  std::span<const LatencyHistogram* const> parts) {
  Begin(std::move(name), std::move(help), prometheus::MetricType::Histogram);
  prometheus::ClientMetric::Histogram& out = families_.back().metric.emplace_back().histogram;
  uint64_t cumulative = 0;
  for (size_t i = 0; i < LatencyHistogram::kBuckets; ++i) {
    for (const LatencyHistogram* part : parts) cumulative += part->count(i);
    const double bound = i < LatencyHistogram::kBounds.size()
                             ? Seconds(LatencyHistogram::kBounds[i])
                             : std::numeric_limits<double>::infinity();
    out.bucket.push_back({cumulative, bound});
  }
  // From the buckets, so that it agrees with them whatever is counted meanwhile.
  out.sample_count = cumulative;
  for (const LatencyHistogram* part : parts) out.sample_sum += Seconds(part->sum());
  return *this;
}

}  // namespace rollcall::api
