#include "api/shared/metrics_json.h"

#include <array>
#include <cmath>
#include <ctime>
#include <nlohmann/json.hpp>
#include <utility>

namespace rollcall::api {
namespace {

using nlohmann::ordered_json;
using prometheus::ClientMetric;
using prometheus::MetricType;

struct Sampled {
  uint64_t count = 0;
  double sum = 0;
  double min = 0;
  double max = 0;
  double mean = 0;
  double stddev = 0;
};

// Each of a counter's steps counts as an observation of 1.
Sampled OfCounter(double value) {
  const double step = value > 0 ? 1 : 0;
  return {static_cast<uint64_t>(value), value, step, step, step, 0};
}

Sampled OfHistogram(const ClientMetric::Histogram& histogram) {
  Sampled out;
  if (histogram.sample_count == 0) return out;
  const auto count = static_cast<double>(histogram.sample_count);
  out.count = histogram.sample_count;
  out.sum = histogram.sample_sum;
  out.mean = out.sum / count;
  double squares = 0;
  double lower = 0;
  uint64_t below = 0;
  for (const ClientMetric::Bucket& bucket : histogram.bucket) {
    const double upper = std::isinf(bucket.upper_bound) ? lower : bucket.upper_bound;
    if (bucket.cumulative_count != below) {
      if (below == 0) out.min = lower;
      out.max = upper;
      const double middle = (lower + upper) / 2;
      squares += static_cast<double>(bucket.cumulative_count - below) * (middle - out.mean) *
                 (middle - out.mean);
    }
    below = bucket.cumulative_count;
    lower = upper;
  }
  out.stddev = std::sqrt(squares / count);
  return out;
}

// As Go prints a time: "2026-11-24 10:00:00 +0000 UTC".
std::string Timestamp(std::chrono::system_clock::time_point now) {
  const std::time_t time = std::chrono::system_clock::to_time_t(now);
  std::tm utc{};
  gmtime_r(&time, &utc);
  std::array<char, 64> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S +0000 UTC", &utc);
  return text.data();
}

ordered_json Labels(const ClientMetric& metric) {
  ordered_json labels = ordered_json::object();
  for (const ClientMetric::Label& label : metric.label) labels[label.name] = label.value;
  return labels;
}

ordered_json SampledJson(const std::string& name, const Sampled& value, double seconds,
                         ordered_json labels) {
  return {{"Name", name},
          {"Count", value.count},
          {"Rate", seconds > 0 ? value.sum / seconds : 0.0},
          {"Sum", value.sum},
          {"Min", value.min},
          {"Max", value.max},
          {"Mean", value.mean},
          {"Stddev", value.stddev},
          {"Labels", std::move(labels)}};
}

}  // namespace

ordered_json MetricsJson(const std::vector<prometheus::MetricFamily>& families,
                         std::chrono::system_clock::time_point start,
                         std::chrono::system_clock::time_point now) {
  const double seconds = std::chrono::duration<double>(now - start).count();
  ordered_json gauges = ordered_json::array();
  ordered_json counters = ordered_json::array();
  ordered_json samples = ordered_json::array();
  for (const prometheus::MetricFamily& family : families) {
    for (const ClientMetric& metric : family.metric) {
      ordered_json labels = Labels(metric);
      if (family.type == MetricType::Counter) {
        counters.push_back(
            SampledJson(family.name, OfCounter(metric.counter.value), seconds, std::move(labels)));
      } else if (family.type == MetricType::Histogram) {
        samples.push_back(
            SampledJson(family.name, OfHistogram(metric.histogram), seconds, std::move(labels)));
      } else {
        gauges.push_back(
            {{"Name", family.name}, {"Value", metric.gauge.value}, {"Labels", std::move(labels)}});
      }
    }
  }
  return {{"Timestamp", Timestamp(now)},
          {"Gauges", std::move(gauges)},
          {"Points", ordered_json::array()},
          {"Counters", std::move(counters)},
          {"Samples", std::move(samples)}};
}

}  // namespace rollcall::api
