#include "registry/catalog/timer_wheel.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <vector>

#include "tests/registry/catalog/fake_clock.h"

namespace rollcall::catalog {
namespace {

using namespace std::chrono_literals;

class TimerWheelTest : public testing::Test {
 protected:
  TimerWheel::Pointer FileIn(Clock::TimePoint::duration after) {
    TimerWheel::Pointer entry(new WheelEntry(clock_.Now() + after));
    wheel_.File(entry);
    return entry;
  }

  std::vector<TimerWheel::Pointer> Advance(Clock::TimePoint::duration by) {
    clock_.Advance(by);
    std::vector<TimerWheel::Pointer> expired;
    wheel_.Advance(clock_.Now(), [&](const auto& entry) { expired.push_back(entry); });
    return expired;
  }

  FakeClock clock_;
  TimerWheel wheel_{clock_.Now()};
};

TEST_F(TimerWheelTest, AnEntryExpiresOnceItsTimeHasPassedAndNotBefore) {
  const auto entry = FileIn(100ms);
  EXPECT_TRUE(Advance(99ms).empty());
  const auto expired = Advance(1ms + TimerWheel::kTick);
  ASSERT_EQ(expired.size(), 1u);
  EXPECT_EQ(expired[0], entry);
  EXPECT_EQ(wheel_.size(), 0u);
  EXPECT_TRUE(Advance(24h).empty());
}

TEST_F(TimerWheelTest, ARenewedEntryExpiresAtItsNewTime) {
  const auto entry = FileIn(1s);
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(Advance(900ms).empty());
    entry->MoveTo(clock_.Now() + 1s);
  }
  EXPECT_TRUE(Advance(999ms).empty());
  EXPECT_EQ(Advance(1ms + TimerWheel::kTick).size(), 1u);
}

TEST_F(TimerWheelTest, ACancelledEntryIsDropped) {
  const auto entry = FileIn(1s);
  entry->Cancel();
  EXPECT_TRUE(Advance(2s).empty());
  EXPECT_EQ(wheel_.size(), 0u);
  EXPECT_EQ(entry->use_count(), 1U);
}

TEST_F(TimerWheelTest, FilingTwiceIsFilingOnce) {
  const auto entry = FileIn(1s);
  wheel_.File(entry);
  EXPECT_EQ(wheel_.size(), 1u);
  EXPECT_EQ(Advance(2s).size(), 1u);
}

TEST_F(TimerWheelTest, ADeadlineInThePastExpiresAtTheNextTick) {
  Advance(10s);
  FileIn(-5s);
  EXPECT_EQ(Advance(TimerWheel::kTick).size(), 1u);
}

// Over all levels of the wheel and every way of advancing: nothing early, nothing more than a tick
// late, nothing lost, and a sleeper who obeys NextWake never sleeps over a deadline.
TEST_F(TimerWheelTest, EveryDeadlineIsSeenWithinATickOfIt) {
  std::mt19937_64 random(7);
  size_t filed = 0;
  size_t seen = 0;
  for (int i = 0; i < 3000; ++i) {
    static constexpr Clock::TimePoint::duration kSpans[] = {50ms, 5s, 100s, 3h};
    const auto span = kSpans[random() % 4];
    FileIn(Clock::TimePoint::duration(random() % static_cast<uint64_t>(span.count())));
    ++filed;
  }
  while (wheel_.size() > 0) {
    const Clock::TimePoint wake = wheel_.NextWake();
    ASSERT_NE(wake, Clock::TimePoint::max());
    const auto sleep = std::max<Clock::TimePoint::duration>(wake - clock_.Now(), 0ns);
    for (const auto& entry : Advance(sleep)) {
      EXPECT_LE(entry->due(), clock_.Now());
      EXPECT_LE(clock_.Now() - entry->due(), 2 * TimerWheel::kTick);
      ++seen;
    }
  }
  EXPECT_EQ(seen, filed);
}

TEST_F(TimerWheelTest, ALongSleepIsCaughtUpWith) {
  for (int i = 0; i < 80; ++i) FileIn(std::chrono::hours(i));  // into the highest level
  EXPECT_EQ(Advance(80h).size(), 80u);
}

}  // namespace
}  // namespace rollcall::catalog
