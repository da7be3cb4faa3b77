#include "registry/catalog/expiry_pace.h"

#include <gtest/gtest.h>

#include <chrono>

namespace rollcall::catalog {
namespace {

using std::chrono::milliseconds;

constexpr ExpiryPace::Times At(milliseconds wall, milliseconds cpu) {
  return {ExpiryPace::Wall(wall), cpu};
}

TEST(ExpiryPaceTest, TheFirstBatchMayBeginAtOnce) {
  EXPECT_LE(ExpiryPace().next(), ExpiryPace::Now().wall);
}

TEST(ExpiryPaceTest, GoesOnAtOnceWhereItHasACoreOfItsOwn) {
  ExpiryPace pace;
  // 5 ms of work in 5 ms, and a commit that mostly waits for the disk.
  pace.Took(At(milliseconds(1000), milliseconds(70)), At(milliseconds(1005), milliseconds(75)),
            At(milliseconds(1035), milliseconds(76)), 1);
  EXPECT_EQ(pace.next(), ExpiryPace::Wall(milliseconds(1035)));
}

TEST(ExpiryPaceTest, RestsNineTimesItsWorkWhereSomethingElseWantsTheCore) {
  ExpiryPace pace;
  // 5 ms of work took 11 ms.
  pace.Took(At(milliseconds(1000), milliseconds(70)), At(milliseconds(1011), milliseconds(75)),
            At(milliseconds(1014), milliseconds(77)), 1);
  EXPECT_EQ(pace.next(), ExpiryPace::Wall(milliseconds(1014 + 9 * 7)));
}

TEST(ExpiryPaceTest, DoesNotRestForTheCommandsOfTheSameCommit) {
  ExpiryPace pace;
  // 5 ms of work in 11 ms, and a commit of 20 ms of which a quarter was the deadlines'.
  pace.Took(At(milliseconds(1000), milliseconds(70)), At(milliseconds(1011), milliseconds(75)),
            At(milliseconds(1040), milliseconds(95)), 0.25);
  EXPECT_EQ(pace.next(), ExpiryPace::Wall(milliseconds(1040 + 9 * (5 + 5))));
}

TEST(ExpiryPaceTest, GoesOnAgainWhenTheOthersHaveGone) {
  ExpiryPace pace;
  pace.Took(At(milliseconds(1000), milliseconds(70)), At(milliseconds(1011), milliseconds(75)),
            At(milliseconds(1014), milliseconds(77)), 1);
  pace.Took(At(milliseconds(1080), milliseconds(77)), At(milliseconds(1085), milliseconds(82)),
            At(milliseconds(1087), milliseconds(83)), 1);
  EXPECT_EQ(pace.next(), ExpiryPace::Wall(milliseconds(1087)));
}

TEST(ExpiryPaceTest, TheThreadsClockRunsWhileItWorks) {
  const ExpiryPace::Times before = ExpiryPace::Now();
  ExpiryPace::Times now = before;
  while (now.cpu - before.cpu < milliseconds(2)) now = ExpiryPace::Now();
  EXPECT_GT(now.wall - before.wall, milliseconds(1));
}

}  // namespace
}  // namespace rollcall::catalog
