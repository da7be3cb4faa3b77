// What a server makes of the keys of a group, and what it proposes itself.
#include "registry/catalog/server_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace rollcall::catalog {
namespace {

using namespace std::chrono_literals;
using store::Condition;
using store::Operation;
using testing::ElementsAre;
using testing::IsEmpty;

std::string Text(const Condition& condition) {
  switch (condition.kind) {
    case Condition::Kind::kAbsent:
      return "no " + condition.key;
    case Condition::Kind::kUnchanged:
      return "unchanged " + condition.key;
    case Condition::Kind::kHasValue:
      break;
  }
  return condition.key + "=" + condition.value;
}

std::string Text(const Operation& operation) {
  if (operation.kind == Operation::Kind::kRemove) return "remove " + operation.key;
  const bool mortal = operation.kind == Operation::Kind::kPutWhileAlive;
  return (mortal ? "put " : "put for ever ") + operation.key + "=" + operation.value;
}

// This server is "a".
class ServerGroupTest : public testing::Test {
 protected:
  static Clock::TimePoint At(std::chrono::seconds time) { return Clock::TimePoint(1h + time); }

  // What has been proposed since the last call: "if CONDITION: OPERATION".
  std::vector<std::string> Proposed() { return std::exchange(proposed_, {}); }
  void Tell(const std::string& key, const std::optional<std::string>& value) {
    group_.OnChange({key, value});
  }
  // Known to all, and the owner.
  void BeOwner() {
    group_.Announce("me");
    group_.OnLease(At(5s));
    Tell("server/a", "apart me");
    Tell("owner", "a.1");
    Proposed();
  }

  std::vector<std::string> proposed_;
  ServerGroup group_{
      "a", [this](std::vector<Condition> conditions, std::vector<Operation> operations) {
        ASSERT_EQ(conditions.size(), 1u);
        ASSERT_EQ(operations.size(), 1u);
        proposed_.push_back("if " + Text(conditions[0]) + ": " + Text(operations[0]));
      }};
};

TEST(GroupMemberTest, IsReadAsItWasWritten) {
  for (const HeartbeatDuty duty :
       {HeartbeatDuty::kApart, HeartbeatDuty::kActive, HeartbeatDuty::kLeft}) {
    for (const char* about : {"", "about it", " ", "{\"Node\": \"n\"}"}) {
      const GroupMember member{duty, about};
      EXPECT_EQ(GroupMember::FromValue(member.ToValue()), member) << member.ToValue();
    }
  }
}

TEST(GroupMemberTest, AWordThatIsNotKnownIsWaitedFor) {
  for (const char* value : {"resting about it", "", "apartment", "Active x"}) {
    EXPECT_EQ(GroupMember::FromValue(value).duty, HeartbeatDuty::kActive) << value;
  }
  EXPECT_EQ(GroupMember::FromValue("resting about it").about, "about it");
  EXPECT_EQ(GroupMember::FromValue("resting").about, "");
}

TEST(GroupViewTest, TheOwnerIsWhatComesBeforeTheLastDot) {
  GroupView view;
  EXPECT_EQ(view.owner_id(), "");
  EXPECT_FALSE(view.is_owner());  // nobody is no server without a name
  view.self = "10.0.0.1";
  view.owner = "10.0.0.1.7";
  EXPECT_EQ(view.owner_id(), "10.0.0.1");
  EXPECT_TRUE(view.is_owner());
  view.owner = "garbage";
  EXPECT_FALSE(view.is_owner());
}

TEST(GroupViewTest, HeartbeatsAreLostWithAServerThatTookThem) {
  const auto view = [](const std::map<std::string, HeartbeatDuty>& servers) {
    GroupView made;
    for (const auto& [id, duty] : servers) made.servers[id] = {duty, ""};
    return made;
  };
  const GroupView active = view({{"b", HeartbeatDuty::kActive}});
  const GroupView apart = view({{"b", HeartbeatDuty::kApart}});
  const GroupView left = view({{"b", HeartbeatDuty::kLeft}});
  EXPECT_TRUE(HasLostHeartbeats(active, view({})));
  EXPECT_TRUE(HasLostHeartbeats(active, apart));
  EXPECT_FALSE(HasLostHeartbeats(active, active));
  EXPECT_FALSE(HasLostHeartbeats(active, left));
  EXPECT_FALSE(HasLostHeartbeats(apart, view({})));
  EXPECT_FALSE(HasLostHeartbeats(left, view({})));
  EXPECT_FALSE(HasLostHeartbeats(view({}), active));
}

TEST_F(ServerGroupTest, KnowsItsOwnKeys) {
  EXPECT_TRUE(ServerGroup::IsOwn("owner"));
  EXPECT_TRUE(ServerGroup::IsOwn("server/x"));
  for (const char* key : {"owners", "server", "catalog/owner", "head", ""}) {
    EXPECT_FALSE(ServerGroup::IsOwn(key)) << key;
  }
}

TEST_F(ServerGroupTest, SaysNothingBeforeItIsAnnouncedAndHasALease) {
  group_.OnLease(At(5s));
  Tell("server/b", "active it");
  EXPECT_THAT(Proposed(), IsEmpty());
  group_.OnLease(std::nullopt);
  group_.Announce("me");
  EXPECT_THAT(Proposed(), IsEmpty());
  group_.OnLease(At(6s));
  EXPECT_THAT(Proposed(), ElementsAre("if no server/a: put server/a=apart me"));
}

TEST_F(ServerGroupTest, ClaimsExpiryOnceItIsKnownAndNobodyOwnsIt) {
  group_.Announce("me");
  group_.OnLease(At(5s));
  Proposed();
  Tell("server/a", "apart me");
  EXPECT_THAT(Proposed(), ElementsAre("if no owner: put owner=a.1"));
  EXPECT_TRUE(group_.view().is_known());
  Tell("owner", "b.3");
  EXPECT_THAT(Proposed(), IsEmpty());
  EXPECT_EQ(group_.view().owner_id(), "b");
  // Another claim each time: what was decided by an earlier one is void.
  Tell("owner", std::nullopt);
  EXPECT_THAT(Proposed(), ElementsAre("if no owner: put owner=a.2"));
}

TEST_F(ServerGroupTest, SaysItAgainForAsLongAsTheLogDoesNotTellOfIt) {
  group_.Announce("me");
  group_.OnLease(At(5s));
  Proposed();
  group_.OnLease(At(6s));
  EXPECT_THAT(Proposed(), ElementsAre("if no server/a: put server/a=apart me"));
}

TEST_F(ServerGroupTest, AChangedDutyReplacesWhatTheLogTells) {
  BeOwner();
  group_.SetDuty(HeartbeatDuty::kApart);
  EXPECT_THAT(Proposed(), IsEmpty());
  group_.SetDuty(HeartbeatDuty::kActive);
  EXPECT_THAT(Proposed(), ElementsAre("if server/a=apart me: put server/a=active me"));
  EXPECT_FALSE(group_.view().IsActive("a"));  // before the log tells of it
  Tell("server/a", "active me");
  EXPECT_TRUE(group_.view().IsActive("a"));
  EXPECT_THAT(Proposed(), IsEmpty());
}

TEST_F(ServerGroupTest, OneThatIsApartLeavesExpiryToThoseThatAreNot) {
  group_.Announce("me");
  group_.OnLease(At(5s));
  Tell("server/b", "active it");
  Proposed();
  Tell("server/a", "apart me");
  EXPECT_THAT(Proposed(), IsEmpty());
  Tell("server/b", "left it");
  EXPECT_THAT(Proposed(), ElementsAre("if no owner: put owner=a.1"));
}

TEST_F(ServerGroupTest, OneThatLeavesClaimsNothing) {
  BeOwner();
  group_.SetDuty(HeartbeatDuty::kLeft);
  Tell("server/a", "left me");
  Proposed();
  Tell("owner", std::nullopt);
  EXPECT_THAT(Proposed(), IsEmpty());
}

TEST_F(ServerGroupTest, OneThatResignsLetsOthersOwnExpiryForAWhile) {
  BeOwner();
  group_.Resign(At(20s));
  EXPECT_THAT(Proposed(), ElementsAre("if owner=a.1: remove owner"));
  Tell("owner", std::nullopt);
  EXPECT_THAT(Proposed(), IsEmpty());
  group_.OnLease(At(19s));
  EXPECT_THAT(Proposed(), IsEmpty());
  group_.OnLease(At(20s));
  EXPECT_THAT(Proposed(), ElementsAre("if no owner: put owner=a.2"));
}

TEST_F(ServerGroupTest, OnlyAnOwnerResigns) {
  BeOwner();
  Tell("owner", "b.1");
  group_.Resign(At(20s));
  EXPECT_THAT(Proposed(), IsEmpty());
}

TEST_F(ServerGroupTest, WithItsLeaseItLosesItsKeyAndPutsItAgain) {
  BeOwner();
  group_.OnLease(std::nullopt);
  EXPECT_FALSE(group_.view().is_known());
  EXPECT_THAT(Proposed(), IsEmpty());
  group_.OnLease(At(9s));
  EXPECT_THAT(Proposed(), ElementsAre("if no server/a: put server/a=apart me"));
}

TEST_F(ServerGroupTest, WhatIsLoadedTakesThePlaceOfWhatWasKnown) {
  BeOwner();
  Tell("server/b", "active it");
  group_.Load({{"owner", "c.9"}, {"server/c", "active other"}, {"head", "x"}});
  const GroupView& view = group_.view();
  EXPECT_EQ(view.owner_id(), "c");
  ASSERT_EQ(view.servers.size(), 1u);
  EXPECT_EQ(view.servers.at("c").about, "other");
  EXPECT_FALSE(view.is_known());
  group_.Load({});
  EXPECT_EQ(group_.view().owner, std::nullopt);
  EXPECT_THAT(group_.view().servers, IsEmpty());
}

TEST_F(ServerGroupTest, AServerThatGoesIsGone) {
  Tell("server/b", "active it");
  EXPECT_TRUE(group_.view().IsActive("b"));
  Tell("server/b", std::nullopt);
  EXPECT_FALSE(group_.view().IsActive("b"));
  EXPECT_THAT(group_.view().servers, IsEmpty());
}

}  // namespace
}  // namespace rollcall::catalog
