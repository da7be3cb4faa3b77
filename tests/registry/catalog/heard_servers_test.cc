// How far the owner of expiry has heard the other servers.
#include "registry/catalog/heard_servers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>

namespace rollcall::catalog {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// This server is "a".
class HeardServersTest : public testing::Test {
 protected:
  HeardServersTest() { SetGroup("a.1", {{"b", kActive}, {"c", kActive}}); }

  static constexpr HeartbeatDuty kActive = HeartbeatDuty::kActive;

  static Clock::TimePoint At(std::chrono::seconds time) { return Clock::TimePoint(1h + time); }
  static int64_t StampOf(std::chrono::seconds time) { return At(time).time_since_epoch().count(); }

  // The others, and "a" itself, at that time.
  void SetGroup(std::optional<std::string> owner,
                const std::map<std::string, HeartbeatDuty>& others, std::chrono::seconds now = 0s) {
    GroupView view;
    view.self = "a";
    view.servers["a"] = {kActive, ""};
    for (const auto& [id, duty] : others) view.servers[id] = {duty, ""};
    view.owner = std::move(owner);
    heard_.SetGroup(view, At(now));
  }
  // A report of `from` that brings the stamp of that time.
  Result<HeardServers::Stamp> Report(const std::string& from, std::chrono::seconds stamp,
                                     std::chrono::seconds now, const std::string& owner = "a.1") {
    return heard_.Report(from, {owner, StampOf(stamp)}, At(now));
  }
  // The first report of a server, which has no stamp yet.
  void ReportFirst(const std::string& from, std::chrono::seconds now) {
    ASSERT_TRUE(heard_.Report(from, {}, At(now)));
  }
  std::optional<Clock::TimePoint> HeardUntil(std::chrono::seconds now = 100s) {
    return heard_.HeardUntil(At(now));
  }

  HeardServers heard_;
};

TEST_F(HeardServersTest, AnOwnerThatIsAloneHasHeardAll) {
  SetGroup("a.1", {});
  EXPECT_EQ(HeardUntil(7s), At(7s));
  EXPECT_EQ(heard_.Behind(At(7s)), 0s);
  EXPECT_EQ(heard_.expected(), 0u);
}

TEST_F(HeardServersTest, AreHeardAsFarAsTheLeastOfThem) {
  EXPECT_EQ(heard_.expected(), 2u);
  ReportFirst("b", 1s);
  ReportFirst("c", 2s);
  EXPECT_EQ(HeardUntil(), std::nullopt);
  ASSERT_TRUE(Report("b", 1s, 3s));
  EXPECT_EQ(HeardUntil(), std::nullopt);
  ASSERT_TRUE(Report("c", 2s, 4s));
  EXPECT_EQ(HeardUntil(), At(1s));
  ASSERT_TRUE(Report("b", 3s, 5s));
  EXPECT_EQ(HeardUntil(), At(2s));
}

TEST_F(HeardServersTest, AReportIsAnsweredWithTheOwnersTime) {
  const auto stamp = Report("b", 1s, 3s);
  ASSERT_TRUE(stamp);
  EXPECT_EQ(stamp->owner, "a.1");
  EXPECT_EQ(stamp->time, StampOf(3s));
}

TEST_F(HeardServersTest, AnOldStampTakesNothingBack) {
  SetGroup("a.1", {{"b", kActive}});
  ASSERT_TRUE(Report("b", 5s, 6s));
  ASSERT_TRUE(Report("b", 2s, 7s));
  ReportFirst("b", 8s);
  EXPECT_EQ(HeardUntil(), At(5s));
}

TEST_F(HeardServersTest, AStampOfTheFutureOrOfAnotherOwnerCountsForNothing) {
  SetGroup("a.1", {{"b", kActive}});
  ASSERT_TRUE(Report("b", 9s, 8s));
  ASSERT_TRUE(heard_.Report("b", {"a.1", INT64_MAX}, At(8s)));
  ASSERT_TRUE(Report("b", 1s, 8s, "a.0"));
  ASSERT_TRUE(Report("b", 1s, 8s, "b.1"));
  ASSERT_TRUE(Report("b", 1s, 8s, ""));
  EXPECT_EQ(HeardUntil(), std::nullopt);
  ASSERT_TRUE(Report("b", 8s, 8s));
  EXPECT_EQ(HeardUntil(), At(8s));
}

TEST_F(HeardServersTest, AServerThatIsUnknownOrTakesNoHeartbeatsIsNotHeard) {
  SetGroup("a.1", {{"apart", HeartbeatDuty::kApart}, {"left", HeartbeatDuty::kLeft}});
  for (const char* id : {"apart", "left", "nobody", "a", ""}) {
    const auto refused = Report(id, 1s, 2s);
    ASSERT_FALSE(refused) << id;
    EXPECT_EQ(refused.error().code, ErrorCode::kNotFound);
    EXPECT_THAT(refused.error().message, HasSubstr(std::string("\"") + id + "\""));
  }
  // Nor waited for.
  EXPECT_EQ(HeardUntil(7s), At(7s));
}

TEST_F(HeardServersTest, OnlyTheOwnerHearsAnybody) {
  for (const auto& owner : {std::optional<std::string>(), std::optional<std::string>("b.1")}) {
    SetGroup(owner, {{"b", kActive}, {"c", kActive}});
    const auto refused = Report("c", 1s, 2s, owner.value_or(""));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kConflict);
    EXPECT_EQ(HeardUntil(), std::nullopt);
    EXPECT_EQ(heard_.expected(), 0u);
    EXPECT_EQ(heard_.Behind(At(3s)), std::nullopt);
  }
}

TEST_F(HeardServersTest, WhatWasHeardAsAnEarlierOwnerIsForgotten) {
  SetGroup("a.1", {{"b", kActive}});
  ASSERT_TRUE(Report("b", 5s, 6s));
  SetGroup("a.2", {{"b", kActive}}, 7s);
  EXPECT_EQ(HeardUntil(), std::nullopt);
  // It still brings the stamp of before.
  ASSERT_TRUE(Report("b", 6s, 8s, "a.1"));
  EXPECT_EQ(HeardUntil(), std::nullopt);
  ASSERT_TRUE(Report("b", 8s, 9s, "a.2"));
  EXPECT_EQ(HeardUntil(), At(8s));
}

TEST_F(HeardServersTest, AServerThatComesIsWaitedForAndOneThatGoesIsNot) {
  SetGroup("a.1", {{"b", kActive}});
  ASSERT_TRUE(Report("b", 5s, 6s));
  SetGroup("a.1", {{"b", kActive}, {"d", kActive}}, 7s);
  EXPECT_EQ(HeardUntil(), std::nullopt);
  ASSERT_TRUE(Report("d", 7s, 8s));
  EXPECT_EQ(HeardUntil(), At(5s));
  SetGroup("a.1", {{"b", HeartbeatDuty::kApart}, {"d", kActive}}, 9s);
  EXPECT_EQ(HeardUntil(), At(7s));
  // When it is back, what was heard of it before is not enough.
  SetGroup("a.1", {{"b", kActive}, {"d", kActive}}, 10s);
  EXPECT_EQ(HeardUntil(), std::nullopt);
}

TEST_F(HeardServersTest, WhoIsNotHeardForLongIsSilent) {
  SetGroup("a.1", {{"b", kActive}, {"c", kActive}}, 0s);
  EXPECT_THAT(heard_.SilentSince(At(0s)), IsEmpty());
  EXPECT_THAT(heard_.SilentSince(At(1s)), ElementsAre("b", "c"));
  ASSERT_TRUE(Report("c", 2s, 3s));
  EXPECT_THAT(heard_.SilentSince(At(2s)), ElementsAre("b"));
  EXPECT_THAT(heard_.SilentSince(At(3s)), ElementsAre("b", "c"));
  EXPECT_EQ(heard_.Behind(At(4s)), 4s);
  ASSERT_TRUE(Report("b", 3s, 3s));
  EXPECT_EQ(heard_.Behind(At(4s)), 2s);
  // One that comes later has its own time.
  SetGroup("a.1", {{"b", kActive}, {"c", kActive}, {"d", kActive}}, 9s);
  EXPECT_THAT(heard_.SilentSince(At(8s)), ElementsAre("b", "c"));
}

}  // namespace
}  // namespace rollcall::catalog
