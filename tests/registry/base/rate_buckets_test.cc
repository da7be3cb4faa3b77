#include "registry/base/rate_buckets.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace rollcall {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

class RateBucketsTest : public testing::Test {
 protected:
  static constexpr RateBuckets::Rate kTenASecond{milliseconds(100), seconds(2)};

  static uint64_t Owner(uint64_t number) { return RateBuckets::Mixed(number); }

  // How many of `tries` are there now.
  int Taken(uint64_t owner, int tries, const RateBuckets::Rate& rate = kTenASecond) {
    int taken = 0;
    for (int i = 0; i < tries; ++i) {
      taken += buckets_.Take(Owner(owner), rate, now_).count() == 0 ? 1 : 0;
    }
    return taken;
  }

  Clock::TimePoint now_{hours(1)};
  RateBuckets buckets_{64, now_};
};

TEST_F(RateBucketsTest, HoldTheBurstAndFillAtTheRate) {
  EXPECT_EQ(Taken(1, 100), 20);
  now_ += milliseconds(500);
  EXPECT_EQ(Taken(1, 100), 5);
  now_ += hours(24 * 365);
  EXPECT_EQ(Taken(1, 100), 20);
  EXPECT_EQ(Taken(2, 100), 20) << "each has its own";
}

TEST_F(RateBucketsTest, SayWhenThereWillBeOne) {
  EXPECT_EQ(Taken(1, 20), 20);
  EXPECT_EQ(buckets_.Take(Owner(1), kTenASecond, now_), milliseconds(100));
  now_ += milliseconds(30);
  EXPECT_EQ(buckets_.Take(Owner(1), kTenASecond, now_), milliseconds(70));
  now_ += milliseconds(70);
  EXPECT_EQ(buckets_.Take(Owner(1), kTenASecond, now_), microseconds(0));
}

TEST_F(RateBucketsTest, PeekingTakesNothing) {
  EXPECT_EQ(buckets_.Peek(Owner(1), kTenASecond, now_), microseconds(0)) << "not there at all";
  EXPECT_EQ(Taken(1, 19), 19);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(buckets_.Peek(Owner(1), kTenASecond, now_), microseconds(0));
  }
  EXPECT_EQ(Taken(1, 2), 1);
  EXPECT_EQ(buckets_.Peek(Owner(1), kTenASecond, now_), milliseconds(100));
}

TEST_F(RateBucketsTest, AnotherRateGoesOnWithTheSameBucket) {
  EXPECT_EQ(Taken(1, 100), 20);
  constexpr RateBuckets::Rate kTwice{milliseconds(50), seconds(3)};
  EXPECT_EQ(Taken(1, 100, kTwice), 20) << "a second more of it";
  constexpr RateBuckets::Rate kLess{seconds(1), seconds(1)};
  EXPECT_EQ(buckets_.Take(Owner(1), kLess, now_), seconds(3));
}

TEST_F(RateBucketsTest, AFloodForgetsTheLeastBusyOnesAndKeepsWhoIsOverTheLimit) {
  EXPECT_EQ(Taken(1, 100), 20);
  EXPECT_EQ(Taken(2, 1), 1);
  for (uint64_t other = 10; other < 100'000; ++other) EXPECT_EQ(Taken(other, 1), 1);
  EXPECT_EQ(Taken(1, 100), 0);
  EXPECT_EQ(Taken(2, 100), 20) << "forgotten, to its advantage";
}

TEST_F(RateBucketsTest, ThreadsShareABucket) {
  constexpr RateBuckets::Rate kThousand{milliseconds(1), seconds(1)};
  std::vector<int> taken(4);
  std::vector<std::thread> threads;
  threads.reserve(taken.size());
  for (int& count : taken) {
    threads.emplace_back([&] { count = Taken(7, 1000, kThousand); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken[0] + taken[1] + taken[2] + taken[3], 1000);
}

}  // namespace
}  // namespace rollcall
