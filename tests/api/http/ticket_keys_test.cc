#include "api/http/ticket_keys.h"

#include <gtest/gtest.h>

namespace rollcall::http {
namespace {

using std::chrono::seconds;

class HeldClock final : public Clock {
 public:
  TimePoint Now() const override { return now; }
  TimePoint now{std::chrono::hours(1000)};
};

class TicketKeysTest : public testing::Test {
 protected:
  bool Knows(const TicketKeys::Key& key) {
    const auto found = keys_.Find(key.name.data());
    return found && found->cipher == key.cipher && found->mac == key.mac;
  }

  HeldClock clock_;
  TicketKeys keys_{clock_};
};

TEST_F(TicketKeysTest, KeyServesUntilItsTimeIsOver) {
  const TicketKeys::Key first = keys_.Current().value();
  clock_.now += TicketKeys::kLifetime - seconds(1);
  EXPECT_EQ(keys_.Current()->name, first.name);
  clock_.now += seconds(1);
  const TicketKeys::Key second = keys_.Current().value();
  EXPECT_NE(second.name, first.name);
  EXPECT_NE(second.cipher, first.cipher);
  EXPECT_NE(second.mac, first.mac);
}

TEST_F(TicketKeysTest, OldKeyStillDecryptsForAsLongAgain) {
  const TicketKeys::Key first = keys_.Current().value();
  clock_.now += TicketKeys::kLifetime;
  const TicketKeys::Key second = keys_.Current().value();
  clock_.now += TicketKeys::kLifetime - seconds(1);
  EXPECT_TRUE(Knows(first));
  EXPECT_TRUE(Knows(second));
  clock_.now += seconds(1);
  EXPECT_FALSE(Knows(first));
  EXPECT_TRUE(Knows(second));
}

TEST_F(TicketKeysTest, KeyThatNobodyFollowedGoesAllTheSame) {
  const TicketKeys::Key first = keys_.Current().value();
  clock_.now += 2 * TicketKeys::kLifetime;
  EXPECT_FALSE(Knows(first));
}

TEST_F(TicketKeysTest, KeysOfOthersAreUnknown) {
  TicketKeys others(clock_);
  EXPECT_FALSE(Knows(others.Current().value()));
  EXPECT_TRUE(keys_.Current());
  EXPECT_FALSE(Knows(others.Current().value()));
}

}  // namespace
}  // namespace rollcall::http
