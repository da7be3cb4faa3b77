#include "tests/chaos/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rollcall::chaos {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

TEST(SummaryTest, LongestWaitsCountFromBeginningToEnd) {
  History history;
  for (const int at : {1, 3, 7, 8}) {
    history.writes.push_back({.ended = seconds(at)});
    history.reads.push_back({.ended = seconds(at + 1)});
  }
  history.writes.push_back({.ended = seconds(5), .outcome = Outcome::kUnknown});
  history.reads.push_back({.consistency = Consistency::kDefault, .ended = seconds(6)});
  for (const int at : {0, 2, 4, 6, 8, 10}) {
    history.beats.push_back({.check = 0, .ended = seconds(at)});
    history.beats.push_back({.check = 1, .ended = seconds(at / 3)});
  }
  const LongestWaits all = FindLongestWaits(history, seconds(0), seconds(10));
  EXPECT_EQ(all.write, seconds(4));
  EXPECT_EQ(all.read, seconds(4));
  EXPECT_EQ(all.beat, seconds(7)) << "of check 1, until the end";
  EXPECT_EQ(FindLongestWaits(history, seconds(7), seconds(20)).write, seconds(12));
  EXPECT_EQ(FindLongestWaits({}, seconds(2), seconds(5)).read, seconds(3));
}

TEST(SummaryTest, CountsByOutcome) {
  History history;
  history.writes = {{.outcome = Outcome::kDone},
                    {.outcome = Outcome::kNotDone},
                    {.outcome = Outcome::kUnknown},
                    {.outcome = Outcome::kDone}};
  EXPECT_THAT(Summary(history),
              HasSubstr("4 writes: 2 acknowledged, 1 of unknown outcome, 1 refused"));
}

}  // namespace
}  // namespace rollcall::chaos
