// Metrics in the JSON of Consul's GET /v1/agent/metrics. Any thread.
#pragma once

#include <prometheus/metric_family.h>

#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <vector>

namespace rollcall::api {

// Gauges, Counters and Samples (histograms). Consul tells of its last ten seconds, these numbers
// are of all the time from `start`, to `now`:
//   a counter's Count and Sum are its value, Rate is that by the second;
//   a histogram keeps no single observations: Min and Max are the bounds of the buckets in which
//   the smallest and the largest lie (the largest bound there is when it lies beyond), Stddev is
//   reckoned from the middles of the buckets.
nlohmann::ordered_json MetricsJson(const std::vector<prometheus::MetricFamily>& families,
                                   std::chrono::system_clock::time_point start,
                                   std::chrono::system_clock::time_point now);

}  // namespace rollcall::api
