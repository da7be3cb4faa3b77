// Histories that are as they should be, and one for each thing that must not be.
#include "tests/chaos/checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rollcall::chaos {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Time At(int second) { return seconds(second); }

Read Reading(Value value, uint64_t index, int began, int server = 0) {
  return {.key = 3,
          .value = value,
          .server = server,
          .began = At(began),
          .ended = At(began) + std::chrono::milliseconds(500),
          .index = index,
          .modify_index = value == kAbsent ? 0 : index};
}

View Told(Value value, uint64_t index, int began, uint64_t asked = 0, int server = 0) {
  return {.watcher = 0, .read = Reading(value, index, began, server), .asked = asked};
}

Write Writing(Value value, int began, int server = 0) {
  return {.key = 3,
          .value = value,
          .server = server,
          .began = At(began),
          .ended = At(began) + std::chrono::milliseconds(500)};
}

TEST(CheckerTest, FindsNothingInASoundHistory) {
  History history;
  history.writes = {Writing(1, 1), Writing(kAbsent, 5, 1)};
  history.reads = {Reading(1, 10, 2), Reading(1, 10, 3, 1), Reading(kAbsent, 12, 6, 2)};
  history.views = {Told(1, 10, 2), Told(kAbsent, 12, 4, 10, 1)};
  EXPECT_THAT(CheckLinearizable(history), IsEmpty());
  EXPECT_THAT(CheckIndexes(history), IsEmpty());
  EXPECT_THAT(CheckExpiry(history, {}), IsEmpty());
  EXPECT_THAT(CheckWatchers(history, {}, At(100)), IsEmpty());
}

TEST(CheckerTest, ConsistentReadsAloneMustBeLinearizable) {
  History history;
  history.writes = {Writing(1, 1)};
  history.reads = {Reading(kAbsent, 5, 3)};
  EXPECT_THAT(CheckLinearizable(history), ElementsAre(HasSubstr("key 3 is not linearizable")));
  history.reads[0].consistency = Consistency::kDefault;
  EXPECT_THAT(CheckLinearizable(history), IsEmpty());
}

TEST(CheckerTest, AnIndexMustNotGoBackOnAServer) {
  History history;
  history.reads = {Reading(1, 10, 1), Reading(2, 9, 2)};
  for (Read& each : history.reads) each.consistency = Consistency::kDefault;
  EXPECT_THAT(CheckIndexes(history), ElementsAre(HasSubstr("index 9")));
  // Elsewhere, it may be behind; and what overlaps has no order.
  history.reads[1].server = 1;
  EXPECT_THAT(CheckIndexes(history), IsEmpty());
  history.reads[1] = Reading(2, 9, 1);
  history.reads[1].consistency = Consistency::kDefault;
  EXPECT_THAT(CheckIndexes(history), IsEmpty());
}

TEST(CheckerTest, AnIndexMustNotGoBackBetweenConsistentReadsAnywhere) {
  History history;
  history.reads = {Reading(1, 10, 1), Reading(2, 9, 2, 1)};
  EXPECT_THAT(CheckIndexes(history), ElementsAre(HasSubstr("consistent reads of key 3")));
}

TEST(CheckerTest, WhoWroteMustReadItOnTheSameServer) {
  History history;
  history.writes = {Writing(7, 1)};
  history.reads = {Reading(kAbsent, 9, 2), Reading(7, 10, 5)};
  for (Read& each : history.reads) each.consistency = Consistency::kDefault;
  EXPECT_THAT(CheckIndexes(history), ElementsAre(HasSubstr("index 9")));
  history.writes[0].server = 1;
  EXPECT_THAT(CheckIndexes(history), IsEmpty());
}

TEST(CheckerTest, AWatcherMustNotBeToldLessThanItBroughtAlong) {
  History history;
  history.views = {Told(1, 9, 1, 10)};
  EXPECT_THAT(CheckIndexes(history), ElementsAre(HasSubstr("brought index 10")));
}

TEST(CheckerTest, AValueHasOneIndexEverywhere) {
  History history;
  history.reads = {Reading(1, 10, 1), Reading(1, 11, 2, 1)};
  EXPECT_THAT(CheckIndexes(history),
              ElementsAre(HasSubstr("at server 1 at 2500 ms has ModifyIndex 11")));
}

TEST(CheckerTest, AnIndexStandsForOneStateEverywhere) {
  History history;
  history.reads = {Reading(1, 10, 1), Reading(kAbsent, 10, 2, 1)};
  EXPECT_THAT(CheckIndexes(history), ElementsAre(HasSubstr("value absent at server 1")));
}

TEST(CheckerTest, AnAnswerHoldsWhatWasWrittenUpToItsIndex) {
  History history;
  history.reads = {Reading(1, 10, 1), Reading(2, 12, 2)};
  history.views = {Told(1, 11, 3, 0, 1)};
  history.views[0].read.modify_index = 10;
  EXPECT_THAT(CheckIndexes(history), IsEmpty()) << "elsewhere, nothing is known of 2 yet";
  history.views[0].read.index = 13;
  EXPECT_THAT(CheckIndexes(history),
              ElementsAre(HasSubstr("value 1 at server 1 at 3500 ms at index 13, although "
                                    "another one had been written at 12")));
}

class CheckerExpiryTest : public testing::Test {
 protected:
  void BeatEvery(int step, int from, int to) {
    for (int at = from; at <= to; at += step) {
      history_.beats.push_back({.check = 0, .began = At(at), .ended = At(at)});
    }
  }
  Findings CriticalAt(int began, int ended) {
    history_.criticals = {{.check = 0, .server = 1, .began = At(began), .ended = At(ended)}};
    return CheckExpiry(history_, {.ttl = At(6), .most_stale = At(5)});
  }

  History history_;
};

TEST_F(CheckerExpiryTest, WhatIsRenewedMustNotExpire) {
  BeatEvery(2, 0, 100);
  EXPECT_THAT(CriticalAt(49, 50), ElementsAre(HasSubstr("check 0 was critical at server 1")));
  EXPECT_THAT(CriticalAt(101, 102), ElementsAre(HasSubstr("check 0")));
}

TEST_F(CheckerExpiryTest, WhatIsNotRenewedMay) {
  BeatEvery(2, 0, 40);
  EXPECT_THAT(CriticalAt(44, 45), ElementsAre(HasSubstr("check 0")));
  EXPECT_THAT(CriticalAt(47, 48), IsEmpty());
  EXPECT_THAT(CriticalAt(99, 100), IsEmpty());
  // Renewed again, it may be seen for as long as an answer may be old.
  BeatEvery(2, 50, 100);
  EXPECT_THAT(CriticalAt(54, 55), IsEmpty());
  EXPECT_THAT(CriticalAt(57, 58), ElementsAre(HasSubstr("check 0")));
}

TEST_F(CheckerExpiryTest, WhatIsRefusedEverywhereMustNotExpireEither) {
  BeatEvery(2, 0, 100);
  for (Beat& each : history_.beats) {
    if (each.began > At(40) && each.began < At(60)) each.is_accepted = false;
  }
  EXPECT_THAT(CriticalAt(54, 55), ElementsAre(HasSubstr("offered to every server")));
}

TEST_F(CheckerExpiryTest, WithoutAnyHeartbeatNothingExplainsIt) {
  EXPECT_THAT(CriticalAt(1, 2), ElementsAre(HasSubstr("check 0")));
}

TEST(CheckerTest, AWatcherMustBeToldInTime) {
  History history;
  history.reads = {Reading(1, 10, 1), Reading(2, 11, 2)};
  history.views = {Told(1, 10, 1)};
  const Bounds bounds{.told_within = At(6)};
  EXPECT_THAT(CheckWatchers(history, bounds, At(100)),
              ElementsAre(HasSubstr("not told by 8500 ms of index 11")));
  EXPECT_THAT(CheckWatchers(history, bounds, At(8)), IsEmpty()) << "it had stopped by then";
  history.views.push_back(Told(2, 11, 9, 10));
  EXPECT_THAT(CheckWatchers(history, bounds, At(100)), ElementsAre(HasSubstr("but at 9500 ms")));
  // While something is broken, there is time until it is whole.
  history.disturbances = {{"cut", At(7), At(9)}};
  EXPECT_THAT(CheckWatchers(history, bounds, At(100)), IsEmpty());
  // A later state will do for an earlier one.
  history.views = {Told(3, 15, 3)};
  EXPECT_THAT(CheckWatchers(history, bounds, At(100)), IsEmpty());
}

}  // namespace
}  // namespace rollcall::chaos
