// MetricList: metrics in the order in which they are added, each family with its values.
// Single-threaded.
#pragma once

#include <prometheus/metric_family.h>

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "registry/base/counter.h"

namespace rollcall::api {

class MetricList {
 public:
  using Label = prometheus::ClientMetric::Label;

  // What follows are values of this metric. `name` has its unit at the end (_seconds, _bytes), a
  // counter's then _total.
  MetricList& Gauge(std::string name, std::string help) {
    return Begin(std::move(name), std::move(help), prometheus::MetricType::Gauge);
  }
  MetricList& Counter(std::string name, std::string help) {
    return Begin(std::move(name), std::move(help), prometheus::MetricType::Counter);
  }
  // All observations of all `parts`, in seconds.
  MetricList& Histogram(std::string name, std::string help,
                        std::span<const LatencyHistogram* const> parts);

  // A value of the gauge or counter that was begun last.
  template <typename Number>
  MetricList& Value(Number value, std::vector<Label> labels = {}) {
    return Add(static_cast<double>(value), std::move(labels));
  }

  std::vector<prometheus::MetricFamily> Take() { return std::move(families_); }

 private:
  MetricList& Begin(std::string name, std::string help, prometheus::MetricType type);
  MetricList& Add(double value, std::vector<Label> labels);

  std::vector<prometheus::MetricFamily> families_;
};

}  // namespace rollcall::api
