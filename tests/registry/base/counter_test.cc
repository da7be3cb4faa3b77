#include "registry/base/counter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace rollcall {
namespace {

using namespace std::chrono_literals;

TEST(CounterTest, AnyThreadReadsWhatTheOwnerCounts) {
  constexpr uint64_t kSteps = 10'000;
  Counter counter;
  std::thread owner([&counter] {
    for (uint64_t i = 0; i < kSteps; ++i) counter.Add();
    counter.Add(5);
  });
  uint64_t last = 0;
  for (int i = 0; i < 1000; ++i) {
    const uint64_t now = counter.value();
    EXPECT_GE(now, last);
    last = now;
  }
  owner.join();
  EXPECT_EQ(counter.value(), kSteps + 5);
}

TEST(LatencyHistogramTest, ADurationFallsIntoTheFirstBucketThatHoldsIt) {
  const struct {
    std::chrono::nanoseconds duration;
    size_t bucket;
  } cases[] = {{-1ns, 0}, {0ns, 0},       {100us, 0}, {100us + 1ns, 1}, {250us, 1},      {1ms, 3},
               {5ms, 5},  {5ms + 1ns, 6}, {1s, 12},   {10s, 15},        {10s + 1ns, 16}, {24h, 16}};
  for (const auto& each : cases) {
    LatencyHistogram histogram;
    histogram.Observe(each.duration);
    for (size_t i = 0; i < LatencyHistogram::kBuckets; ++i) {
      EXPECT_EQ(histogram.count(i), i == each.bucket ? 1u : 0u)
          << each.duration.count() << " " << i;
    }
    EXPECT_EQ(histogram.sum(), std::max(0ns, each.duration));
  }
}

TEST(LatencyHistogramTest, TheBoundsRise) {
  for (size_t i = 1; i < LatencyHistogram::kBounds.size(); ++i) {
    EXPECT_LT(LatencyHistogram::kBounds[i - 1], LatencyHistogram::kBounds[i]);
  }
}

}  // namespace
}  // namespace rollcall
