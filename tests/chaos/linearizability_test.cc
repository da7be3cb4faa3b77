// Histories that a register can have, and some that it cannot.
#include "tests/chaos/linearizability.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

namespace rollcall::chaos {
namespace {

using std::chrono::microseconds;
using testing::HasSubstr;

struct Key {
  std::vector<Write> writes;
  std::vector<Read> reads;

  Key& Wrote(Value value, int began, int ended, Outcome outcome = Outcome::kDone) {
    writes.push_back({.value = value,
                      .began = microseconds(began),
                      .ended = microseconds(ended),
                      .outcome = outcome});
    return *this;
  }
  Key& Saw(Value value, int began, int ended) {
    reads.push_back({.value = value, .began = microseconds(began), .ended = microseconds(ended)});
    return *this;
  }
  bool CanBe() const { return !FindNonlinearizable(writes, reads).has_value(); }
};

TEST(LinearizabilityTest, OneAfterTheOtherReadsWhatWasWritten) {
  EXPECT_TRUE(Key().CanBe());
  EXPECT_TRUE(Key().Saw(kAbsent, 1, 2).CanBe());
  EXPECT_TRUE(Key().Wrote(1, 1, 2).Saw(1, 3, 4).Wrote(kAbsent, 5, 6).Saw(kAbsent, 7, 8).CanBe());
}

TEST(LinearizabilityTest, StaleReadCannotBe) {
  EXPECT_FALSE(Key().Wrote(1, 1, 2).Wrote(2, 3, 4).Saw(1, 5, 6).CanBe());
  EXPECT_FALSE(Key().Wrote(1, 1, 2).Wrote(kAbsent, 3, 4).Saw(1, 5, 6).CanBe());
}

TEST(LinearizabilityTest, LostWriteCannotBe) {
  EXPECT_FALSE(Key().Wrote(1, 1, 2).Saw(kAbsent, 3, 4).CanBe());
  EXPECT_FALSE(Key().Wrote(1, 1, 2).Wrote(2, 3, 4).Saw(kAbsent, 5, 6).CanBe());
}

TEST(LinearizabilityTest, ReadDuringAWriteMayGoEitherWayButNotBack) {
  EXPECT_TRUE(Key().Wrote(1, 1, 10).Saw(kAbsent, 2, 3).CanBe());
  EXPECT_TRUE(Key().Wrote(1, 1, 10).Saw(1, 2, 3).CanBe());
  EXPECT_TRUE(Key().Wrote(1, 1, 10).Saw(kAbsent, 2, 3).Saw(1, 4, 5).CanBe());
  EXPECT_FALSE(Key().Wrote(1, 1, 10).Saw(1, 2, 3).Saw(kAbsent, 4, 5).CanBe());
}

TEST(LinearizabilityTest, WritesAtOnceTakeEffectInAnyOneOrder) {
  const Key both = Key().Wrote(1, 1, 10).Wrote(2, 1, 10);
  EXPECT_TRUE(Key(both).Saw(1, 11, 12).CanBe());
  EXPECT_TRUE(Key(both).Saw(2, 11, 12).CanBe());
  EXPECT_FALSE(Key(both).Saw(1, 11, 12).Saw(2, 13, 14).CanBe());
  EXPECT_FALSE(Key(both).Saw(1, 2, 3).Saw(2, 4, 5).Saw(1, 11, 12).CanBe());
}

TEST(LinearizabilityTest, ReadOfWhatNobodyWroteCannotBe) {
  EXPECT_FALSE(Key().Wrote(1, 1, 2).Saw(7, 3, 4).CanBe());
  EXPECT_FALSE(Key().Saw(1, 1, 2).Wrote(1, 3, 4).CanBe());
}

TEST(LinearizabilityTest, RefusedWriteIsNotThere) {
  EXPECT_TRUE(Key().Wrote(1, 1, 2, Outcome::kNotDone).Saw(kAbsent, 3, 4).CanBe());
  EXPECT_FALSE(Key().Wrote(1, 1, 2, Outcome::kNotDone).Saw(1, 3, 4).CanBe());
}

TEST(LinearizabilityTest, WriteOfUnknownOutcomeTakesEffectAtAnyTimeOnceOrNever) {
  const Key unknown = Key().Wrote(1, 1, 2, Outcome::kUnknown);
  EXPECT_TRUE(Key(unknown).Saw(kAbsent, 3, 4).CanBe());
  EXPECT_TRUE(Key(unknown).Saw(kAbsent, 3, 4).Saw(1, 50, 51).CanBe());
  EXPECT_FALSE(Key(unknown).Saw(1, 3, 4).Saw(kAbsent, 50, 51).CanBe());
  // Made a second time.
  EXPECT_FALSE(Key(unknown).Saw(1, 3, 4).Wrote(2, 5, 6).Saw(2, 7, 8).Saw(1, 9, 10).CanBe());
  EXPECT_FALSE(Key().Saw(1, 1, 2).Wrote(1, 3, 4, Outcome::kUnknown).CanBe());
}

TEST(LinearizabilityTest, DeregistrationOfUnknownOutcomeExplainsOneAbsence) {
  const Key unknown = Key().Wrote(1, 1, 2).Wrote(kAbsent, 3, 4, Outcome::kUnknown);
  EXPECT_TRUE(Key(unknown).Saw(1, 5, 6).Saw(kAbsent, 7, 8).CanBe());
  const Key used = Key(unknown).Saw(kAbsent, 7, 8).Wrote(2, 9, 10);
  EXPECT_TRUE(Key(used).Saw(2, 11, 12).CanBe());
  EXPECT_FALSE(Key(used).Saw(kAbsent, 11, 12).CanBe());
  EXPECT_TRUE(Key(used).Wrote(kAbsent, 11, 12, Outcome::kUnknown).Saw(kAbsent, 13, 14).CanBe());
  // None of them may take effect before it was begun.
  EXPECT_FALSE(
      Key().Wrote(1, 1, 2).Saw(kAbsent, 3, 4).Wrote(kAbsent, 5, 6, Outcome::kUnknown).CanBe());
}

TEST(LinearizabilityTest, SaysWhatItCannotExplain) {
  const Key bad = Key().Wrote(1, 1, 2).Wrote(2, 3, 4).Saw(1, 5, 6);
  const auto found = FindNonlinearizable(bad.writes, bad.reads);
  ASSERT_TRUE(found);
  EXPECT_THAT(*found, HasSubstr("read 1 at server 0 [5, 6]"));
  EXPECT_THAT(*found, HasSubstr("{ 2 }"));
}

// The definition itself, tried out: some order of all that were made in which none comes before one
// that had ended when it began, and each read is answered with what the write before it wrote.
class EveryOrder {
 public:
  explicit EveryOrder(const Key& key) {
    for (const Write& each : key.writes) {
      if (each.outcome == Outcome::kNotDone) continue;
      const bool has_end = each.outcome == Outcome::kDone;
      left_.push_back({true, each.value, each.began, has_end ? each.ended : Time::max()});
    }
    for (const Read& each : key.reads) {
      left_.push_back({false, each.value, each.began, each.ended});
    }
  }

  bool CanBe(Value held = kAbsent) {
    bool all_may_be_left_out = true;
    for (const One& each : left_) {
      if (each.is_taken || each.ended == Time::max()) continue;
      all_may_be_left_out = false;
    }
    if (all_may_be_left_out) return true;
    for (One& next : left_) {
      if (next.is_taken || (!next.is_write && next.value != held) || MustWait(next)) continue;
      next.is_taken = true;
      const bool can_be = CanBe(next.is_write ? next.value : held);
      next.is_taken = false;
      if (can_be) return true;
    }
    return false;
  }

 private:
  struct One {
    bool is_write;
    Value value;
    Time began;
    Time ended;
    bool is_taken = false;
  };
  bool MustWait(const One& next) const {
    return std::any_of(left_.begin(), left_.end(),
                       [&](const One& each) { return !each.is_taken && each.ended < next.began; });
  }

  std::vector<One> left_;
};

TEST(LinearizabilityTest, SaysOfSmallHistoriesWhatTryingEveryOrderSays) {
  std::mt19937 random(7);
  const auto upto = [&](int most) { return std::uniform_int_distribution<int>(0, most)(random); };
  int possible = 0;
  constexpr int kHistories = 5000;
  for (int i = 0; i < kHistories; ++i) {
    Key key;
    const int writes = 1 + upto(3);
    for (int value = 1; value <= writes; ++value) {
      const int began = upto(12);
      constexpr Outcome kOutcomes[] = {Outcome::kDone, Outcome::kDone, Outcome::kUnknown,
                                       Outcome::kUnknown, Outcome::kNotDone};
      key.Wrote(upto(2) == 0 ? kAbsent : value, began, began + 1 + upto(5), kOutcomes[upto(4)]);
    }
    for (int reads = 1 + upto(3); reads > 0; --reads) {
      const int began = upto(12);
      key.Saw(upto(writes), began, began + 1 + upto(5));
    }
    const bool can_be = EveryOrder(key).CanBe();
    possible += can_be;
    ASSERT_EQ(key.CanBe(), can_be) << "history " << i;
  }
  EXPECT_GT(possible, kHistories / 10);
  EXPECT_LT(possible, kHistories * 9 / 10);
}

// What a real register answered to clients at random, and the same with one read made wrong.
class RandomHistory {
 public:
  explicit RandomHistory(uint32_t seed) : random_(seed) {
    Value held = kAbsent;
    for (int i = 0; i < kOperations; ++i) {
      const int effect = i * 10;
      const int began = effect - Upto(40);
      const int ended = effect + 1 + Upto(40);
      const bool is_unknown = Upto(9) == 0;
      if (Upto(2) == 0) {
        key_.Saw(held, began, ended);
        continue;
      }
      const Value value = Upto(3) == 0 ? kAbsent : i + 1;
      if (is_unknown && Upto(1) == 0) {  // and was not made
        key_.Wrote(value, began, ended, Outcome::kUnknown);
        continue;
      }
      held = value;
      // Its client gave it up before it took effect.
      key_.Wrote(value, began, is_unknown ? began + 1 : ended,
                 is_unknown ? Outcome::kUnknown : Outcome::kDone);
    }
  }

  const Key& key() const { return key_; }
  // One read sees what was overwritten long before.
  Key WithStaleRead() {
    Key bad = key_;
    for (int tries = 0; tries < 1000; ++tries) {
      Read& read = bad.reads[static_cast<size_t>(Upto(static_cast<int>(bad.reads.size()) - 1))];
      const Write& old =
          bad.writes[static_cast<size_t>(Upto(static_cast<int>(bad.writes.size()) - 1))];
      if (old.value == kAbsent || old.ended + microseconds(500) > read.began) continue;
      const bool is_overwritten =
          std::any_of(bad.writes.begin(), bad.writes.end(), [&](const Write& each) {
            return each.outcome == Outcome::kDone && each.began > old.ended + microseconds(200) &&
                   each.ended < read.began;
          });
      if (!is_overwritten || old.outcome != Outcome::kDone) continue;
      read.value = old.value;
      return bad;
    }
    ADD_FAILURE() << "no read to make stale";
    return bad;
  }

 private:
  static constexpr int kOperations = 400;
  int Upto(int most) { return std::uniform_int_distribution<int>(0, most)(random_); }

  std::mt19937 random_;
  Key key_;
};

TEST(LinearizabilityTest, HistoriesOfARealRegisterCanBeAndWithOneStaleReadCannot) {
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    RandomHistory history(seed);
    const auto found = FindNonlinearizable(history.key().writes, history.key().reads);
    EXPECT_FALSE(found) << "seed " << seed << ": " << *found;
    EXPECT_FALSE(history.WithStaleRead().CanBe()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace rollcall::chaos
