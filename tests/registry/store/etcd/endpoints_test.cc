#include "registry/store/etcd/endpoints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

namespace rollcall::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class EtcdEndpointsTest : public ::testing::Test {
 protected:
  static EtcdEndpoints Of(size_t count, uint64_t random = 0) {
    EtcdOptions options;
    for (size_t i = 0; i < count; ++i) options.endpoints.push_back({"h" + std::to_string(i), 1});
    return EtcdEndpoints(options, [random] { return random; });
  }
  Clock::TimePoint now_{seconds(1000)};
};

TEST_F(EtcdEndpointsTest, TriesTheNextAtOnceAndPausesAfterEachRound) {
  EtcdEndpoints endpoints = Of(3);
  EXPECT_EQ(endpoints.current().host, "h0");
  EXPECT_EQ(endpoints.Failed("x", now_), milliseconds(0));
  EXPECT_EQ(endpoints.current().host, "h1");
  EXPECT_EQ(endpoints.Failed("x", now_), milliseconds(0));
  EXPECT_EQ(endpoints.Failed("x", now_), milliseconds(100));
  EXPECT_EQ(endpoints.current().host, "h0");
  std::vector<int64_t> pauses;
  for (int i = 0; i < 5 * 3; ++i) {
    if (const auto pause = endpoints.Failed("x", now_); pause.count() > 0) {
      pauses.push_back(pause.count());
    }
  }
  EXPECT_THAT(pauses, ::testing::ElementsAre(200, 400, 800, 1000, 1000));
}

TEST_F(EtcdEndpointsTest, SpreadsServersByChance) {
  EXPECT_EQ(Of(3, 7).current().host, "h1");
  EtcdEndpoints endpoints = Of(1, 30);
  // From half of the pause to all of it.
  EXPECT_EQ(endpoints.Failed("x", now_), milliseconds(70));
  EtcdEndpoints last = Of(1, 50);
  EXPECT_EQ(last.Failed("x", now_), milliseconds(50));
}

TEST_F(EtcdEndpointsTest, StartsOverOnceOneHasWorkedForAWhile) {
  EtcdEndpoints endpoints = Of(2);
  for (int i = 0; i < 6; ++i) (void)endpoints.Failed("x", now_);
  endpoints.Works(now_);
  endpoints.Works(now_ + seconds(1));
  EXPECT_EQ(endpoints.Failed("x", now_ + seconds(1)), milliseconds(0));
  EXPECT_EQ(endpoints.Failed("x", now_ + seconds(1)), milliseconds(100));
}

TEST_F(EtcdEndpointsTest, DoesNotHurryForOneThatWorksForAMomentOnly) {
  EtcdEndpoints endpoints = Of(1);
  std::vector<int64_t> pauses;
  for (int i = 0; i < 4; ++i) {
    endpoints.Works(now_);
    pauses.push_back(endpoints.Failed("x", now_).count());
  }
  EXPECT_THAT(pauses, ::testing::ElementsAre(100, 200, 400, 800));
}

TEST_F(EtcdEndpointsTest, TellsTheTroubleWithEach) {
  EtcdEndpoints endpoints = Of(3);
  EXPECT_EQ(endpoints.Trouble(), "");
  (void)endpoints.Failed("refused", now_);
  (void)endpoints.Failed("late", now_);
  EXPECT_EQ(endpoints.Trouble(), "h0:1: refused; h1:1: late");
  endpoints.Works(now_);
  EXPECT_EQ(endpoints.Trouble(), "");
}

}  // namespace
}  // namespace rollcall::store
