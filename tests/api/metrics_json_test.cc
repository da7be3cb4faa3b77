#include "api/shared/metrics_json.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace rollcall::api {
namespace {

using nlohmann::ordered_json;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using std::chrono::seconds;
using std::chrono::system_clock;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
const system_clock::time_point kStart{seconds(1'700'000'000)};

ordered_json JsonOf(MetricFamily family, seconds running = seconds(10)) {
  return MetricsJson({std::move(family)}, kStart, kStart + running);
}

MetricFamily HistogramOf(std::vector<ClientMetric::Bucket> buckets, double sum) {
  MetricFamily family{"h", "", MetricType::Histogram, {{}}};
  family.metric[0].histogram = {buckets.back().cumulative_count, sum, buckets};
  return family;
}

TEST(MetricsJsonTest, GaugesAndTheTime) {
  MetricFamily family{"g", "help", MetricType::Gauge, {{}, {}}};
  family.metric[0].gauge.value = 3;
  family.metric[1].gauge.value = 0.5;
  family.metric[1].label = {{"status", "passing"}};
  EXPECT_EQ(JsonOf(family), ordered_json::parse(R"({"Timestamp": "2023-11-14 22:13:30 +0000 UTC",
                "Gauges": [{"Name": "g", "Value": 3.0, "Labels": {}},
                           {"Name": "g", "Value": 0.5, "Labels": {"status": "passing"}}],
                "Points": [], "Counters": [], "Samples": []})"));
}

TEST(MetricsJsonTest, ACounterIsItsValueAndItsRate) {
  MetricFamily family{"c_total", "", MetricType::Counter, {{}}};
  family.metric[0].counter.value = 20;
  EXPECT_EQ(JsonOf(family)["Counters"],
            ordered_json::parse(R"([{"Name": "c_total", "Count": 20, "Rate": 2.0, "Sum": 20.0,
                "Min": 1.0, "Max": 1.0, "Mean": 1.0, "Stddev": 0.0, "Labels": {}}])"));
  family.metric[0].counter.value = 0;
  EXPECT_EQ(JsonOf(family, seconds(0))["Counters"],
            ordered_json::parse(R"([{"Name": "c_total", "Count": 0, "Rate": 0.0, "Sum": 0.0,
                "Min": 0.0, "Max": 0.0, "Mean": 0.0, "Stddev": 0.0, "Labels": {}}])"));
}

TEST(MetricsJsonTest, AHistogramIsBoundedByItsBuckets) {
  // Two of up to 1, none of up to 2, two of up to 4.
  EXPECT_EQ(JsonOf(HistogramOf({{2, 1}, {2, 2}, {4, 4}, {4, kInfinity}}, 7))["Samples"],
            ordered_json::parse(R"([{"Name": "h", "Count": 4, "Rate": 0.7, "Sum": 7.0,
                "Min": 0.0, "Max": 4.0, "Mean": 1.75, "Stddev": 1.25, "Labels": {}}])"));
  const ordered_json beyond =
      JsonOf(HistogramOf({{0, 1}, {0, 2}, {3, kInfinity}}, 30))["Samples"][0];
  EXPECT_EQ(beyond["Min"], 2.0);
  EXPECT_EQ(beyond["Max"], 2.0);
  EXPECT_EQ(beyond["Mean"], 10.0);
  const ordered_json empty = JsonOf(HistogramOf({{0, 1}, {0, kInfinity}}, 0))["Samples"][0];
  EXPECT_EQ(empty["Count"], 0);
  EXPECT_EQ(empty["Max"], 0.0);
}

}  // namespace
}  // namespace rollcall::api
