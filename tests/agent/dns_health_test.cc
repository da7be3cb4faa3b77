#include "agent/dns_health.h"

#include <gtest/gtest.h>

namespace rollcall::agent {
namespace {

using std::chrono::seconds;

class DnsHealthTest : public ::testing::Test {
 protected:
  // The order in which the servers would be asked.
  static std::vector<size_t> Order(const DnsHealth& health) {
    std::vector<size_t> order;
    DnsServerSet asked = 0;
    while (const auto server = health.Next(asked)) {
      order.push_back(*server);
      asked |= DnsServerSet{1} << *server;
    }
    return order;
  }

  Clock::TimePoint now_ = Clock::TimePoint() + std::chrono::hours(1);
  DnsHealth health_{3};
};

using Servers = std::vector<size_t>;

TEST_F(DnsHealthTest, TheOneThatAnsweredIsAskedFirst) {
  EXPECT_EQ(Order(health_), (Servers{0, 1, 2}));
  health_.OnAnswer(1, now_);
  EXPECT_EQ(Order(health_), (Servers{1, 2, 0}));
}

TEST_F(DnsHealthTest, ThoseThatAreDownAreAskedLast) {
  health_.OnUnreachable(0, now_);
  EXPECT_EQ(Order(health_), (Servers{1, 2, 0}));
  health_.OnAnswer(0, now_);
  EXPECT_EQ(Order(health_), (Servers{0, 1, 2}));
}

TEST_F(DnsHealthTest, SilenceIsDownUnlessSomethingElseWasAnswered) {
  health_.OnAnswer(0, now_);
  health_.OnSilence(0, now_ - seconds(1), now_);
  EXPECT_FALSE(health_.IsDown(0));
  health_.OnSilence(0, now_ + seconds(1), now_ + seconds(2));
  EXPECT_TRUE(health_.IsDown(0));
}

TEST_F(DnsHealthTest, ThatAllAreDownIsKnownForAWhile) {
  for (const size_t server : {0u, 1u}) health_.OnUnreachable(server, now_);
  EXPECT_FALSE(health_.AllDown(now_));
  health_.OnUnreachable(2, now_);
  EXPECT_TRUE(health_.AllDown(now_));
  EXPECT_FALSE(health_.AllDown(now_ + DnsHealth::kKnownFor));
  health_.OnAnswer(1, now_);
  EXPECT_FALSE(health_.AllDown(now_));
}

TEST_F(DnsHealthTest, WithoutServersAllAreDown) {
  EXPECT_TRUE(DnsHealth(0).AllDown(now_));
  EXPECT_FALSE(DnsHealth(0).Next(0).has_value());
}

TEST_F(DnsHealthTest, RecheckIsDueOnceInAWhile) {
  EXPECT_TRUE(health_.TakeRecheck(now_));
  EXPECT_FALSE(health_.TakeRecheck(now_ + seconds(1) - std::chrono::nanoseconds(1)));
  EXPECT_TRUE(health_.TakeRecheck(now_ + seconds(1)));
}

}  // namespace
}  // namespace rollcall::agent
