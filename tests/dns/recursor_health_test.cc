#include "dns/recursor_health.h"

#include <gtest/gtest.h>

#include "dns/random_source.h"
#include "tests/registry/catalog/fake_clock.h"

namespace rollcall::dns {
namespace {

using std::chrono::seconds;

class RecursorHealthTest : public testing::Test {
 protected:
  // In which order a query would ask them.
  std::vector<size_t> Order() {
    std::vector<size_t> order;
    std::vector<bool> tried(3);
    while (const std::optional<size_t> next = health_.Next(tried)) {
      tried[*next] = true;
      order.push_back(*next);
    }
    return order;
  }
  std::optional<size_t> First() { return health_.Next({false, false, false}); }

  catalog::FakeClock clock_;
  RecursorHealth health_{3, &clock_};
};

using Servers = std::vector<size_t>;

TEST_F(RecursorHealthTest, AsksInTheirOrder) { EXPECT_EQ(Order(), (Servers{0, 1, 2})); }

TEST_F(RecursorHealthTest, NoServerIsAskedOfNone) {
  RecursorHealth none(0, &clock_);
  EXPECT_EQ(none.Next({}), std::nullopt);
}

TEST_F(RecursorHealthTest, TheUnreachableAreAskedLast) {
  health_.OnUnreachable(0);
  EXPECT_EQ(Order(), (Servers{1, 2, 0}));
  health_.OnUnreachable(1);
  EXPECT_EQ(Order(), (Servers{2, 0, 1}));
  health_.OnUnreachable(2);
  EXPECT_EQ(Order(), (Servers{0, 1, 2}));
}

TEST_F(RecursorHealthTest, AnAnswerBringsAServerBack) {
  health_.OnUnreachable(0);
  health_.OnAnswer(0);
  EXPECT_EQ(Order(), (Servers{0, 1, 2}));
}

TEST_F(RecursorHealthTest, AfterAWhileOneQueryFindsOut) {
  health_.OnUnreachable(0);
  clock_.Advance(RecursorHealth::kBehind - seconds(1));
  EXPECT_EQ(First(), 1u);
  clock_.Advance(seconds(1));
  EXPECT_EQ(First(), 0u);
  EXPECT_EQ(First(), 1u);
  clock_.Advance(RecursorHealth::kBehind);
  EXPECT_EQ(First(), 0u);
  health_.OnAnswer(0);
  EXPECT_EQ(First(), 0u);
}

TEST_F(RecursorHealthTest, SilenceCountsUnlessTheServerHasAnsweredSince) {
  const Clock::TimePoint asked_at = clock_.Now();
  health_.OnSilence(0, asked_at);
  EXPECT_EQ(First(), 1u);
  health_.OnAnswer(0);
  health_.OnSilence(0, clock_.Now());
  EXPECT_EQ(First(), 1u);
  clock_.Advance(seconds(1));
  health_.OnAnswer(0);
  health_.OnSilence(0, asked_at);
  EXPECT_EQ(First(), 0u);
}

TEST(RandomSourceTest, DrawsOnAfterItsFirstNumbers) {
  const RandomSource source = MakeKernelRandom();
  const RandomSource copy = source;
  std::vector<bool> drawn(65536);
  size_t distinct = 0;
  for (int i = 0; i < 4096; ++i) {
    const uint16_t number = i % 2 == 0 ? source() : copy();
    if (!drawn[number]) ++distinct;
    drawn[number] = true;
  }
  // 3,970 are to be expected; each batch given out twice would leave half of them.
  EXPECT_GT(distinct, 3500u);
}

}  // namespace
}  // namespace rollcall::dns
