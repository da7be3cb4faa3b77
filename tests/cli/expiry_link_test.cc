#include "cli/expiry_link.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/cli/fake_registry.h"
#include "tests/cli/group_fixture.h"

namespace rollcall::cli {
namespace {

using testing::HasSubstr;
using std::chrono_literals::operator""s;

constexpr const char* kPath = "/v1/internal/renewals";
constexpr const char* kStamp = R"({"Owner":"other.1","Time":5})";

// Another server owns expiry.
class ExpiryLinkTest : public GroupTest {
 protected:
  void SetUp() override {
    SetOwner("other");
    Other("other", HeartbeatDuty::kActive, "127.0.0.1:" + std::to_string(owner_.port()));
    Join();
    link_.emplace(*catalog_, heard_, clock_);
  }
  void Turn() {
    link_->Turn();
    Settle();
  }
  void Enroll() {
    owner_.Set(kPath, {.body = kStamp});
    Turn();
    Turn();
    ASSERT_TRUE(TakesHeartbeats());
  }

  FakeRegistry owner_;
  std::optional<ExpiryLink> link_;
};

TEST_F(ExpiryLinkTest, HeartbeatsAreTakenOnceTheOwnerKnowsOfThisServer) {
  EXPECT_FALSE(TakesHeartbeats());
  owner_.Set(kPath, {.status = 404});  // it is there, and does not know of this server yet
  Turn();
  EXPECT_EQ(Duty(), HeartbeatDuty::kActive);
  Turn();
  EXPECT_FALSE(TakesHeartbeats());
  owner_.Set(kPath, {.body = kStamp});
  Turn();
  EXPECT_TRUE(TakesHeartbeats());
}

TEST_F(ExpiryLinkTest, HeartbeatsAreReportedWithTheStampOfTheReportBefore) {
  Enroll();
  Advance(2s);
  ASSERT_TRUE(TakesHeartbeats());
  Advance(1s);
  Turn();
  const std::string last = owner_.Requests().back();
  EXPECT_THAT(last, HasSubstr(R"(["n1","ttl",1000])"));
  EXPECT_THAT(last, HasSubstr(R"("Owner":"other.1")"));
  EXPECT_THAT(last, HasSubstr(R"("Time":5)"));
  Turn();
  EXPECT_THAT(owner_.Requests().back(), HasSubstr(R"("Renewals":[])"));
}

TEST_F(ExpiryLinkTest, ReportThatFailsIsMadeAgain) {
  Enroll();
  owner_.Set(kPath, {.status = 500});
  Turn();
  EXPECT_TRUE(TakesHeartbeats());  // for a while
  owner_.Set(kPath, {.body = kStamp});
  Turn();
  EXPECT_THAT(owner_.Requests().back(), HasSubstr(R"(["n1","ttl",0])"));
}

TEST_F(ExpiryLinkTest, ServerThatDoesNotReachTheOwnerStandsApartUntilItDoes) {
  Enroll();
  owner_.Set(kPath, {.status = 500});
  Turn();
  Advance(ExpiryLink::kApartAfter);
  Turn();
  EXPECT_TRUE(TakesHeartbeats());
  Advance(1s);
  Turn();
  EXPECT_FALSE(TakesHeartbeats());
  EXPECT_EQ(Duty(), HeartbeatDuty::kApart);
  owner_.Set(kPath, {.status = 404});
  Turn();
  EXPECT_EQ(Duty(), HeartbeatDuty::kActive);
  EXPECT_FALSE(TakesHeartbeats());
  owner_.Set(kPath, {.body = kStamp});
  Turn();
  EXPECT_TRUE(TakesHeartbeats());
}

TEST_F(ExpiryLinkTest, ReportOfManyGoesInPartsWithTheStampOfTheReportBefore) {
  Enroll();
  const std::string long_name(250, 'x');
  model::Register command = catalog::RegisterNode("n1");
  for (int i = 0; i < 600; ++i) {
    command.checks.push_back(
        catalog::TtlCheck(long_name + std::to_string(i), "", std::chrono::seconds(60)));
  }
  ASSERT_TRUE(catalog_->SubmitAndWait(command));
  owner_.Set(kPath, {.body = R"({"Owner":"other.1","Time":9})"});
  const size_t before = owner_.Requests().size();
  Turn();
  const std::vector<std::string> sent = owner_.Requests();
  ASSERT_GT(sent.size(), before + 1);
  for (size_t i = before; i < sent.size(); ++i) {
    EXPECT_LT(sent[i].size(), size_t{128} << 10);
    // Only the last one says how far all of it goes.
    EXPECT_THAT(sent[i], HasSubstr(i + 1 == sent.size() ? R"("Time":5)" : R"("Time":0)"));
  }
}

TEST_F(ExpiryLinkTest, ServerThatMayBeDeadForTheOthersTakesNoHeartbeats) {
  Enroll();
  log_->Lease(std::nullopt);
  Settle();
  Turn();
  EXPECT_FALSE(TakesHeartbeats());
}

TEST_F(ExpiryLinkTest, OwnerThatDoesNotAnswerSensiblyHasNotHeard) {
  owner_.Set(kPath, {.body = kStamp});
  Turn();
  for (const char* body : {"", "{}", "[1]", R"({"Owner":5,"Time":"x"})"}) {
    owner_.Set(kPath, {.body = body});
    Turn();
    EXPECT_FALSE(TakesHeartbeats()) << body;
  }
}

TEST_F(ExpiryLinkTest, ServerThatLeavesHandsOverWhatItHas) {
  Enroll();
  ASSERT_TRUE(TakesHeartbeats());
  EXPECT_TRUE(link_->Leave());
  EXPECT_THAT(owner_.Requests().back(), HasSubstr(R"(["n1","ttl",0])"));
  EXPECT_FALSE(TakesHeartbeats());
}

TEST_F(ExpiryLinkTest, ServerThatCannotHandOverDoesNotSaySo) {
  Enroll();
  owner_.Set(kPath, {.status = 500});
  EXPECT_FALSE(link_->Leave());
}

// This server owns expiry.
class ExpiryOwnerTest : public GroupTest {
 protected:
  void SetUp() override {
    Join();
    ASSERT_TRUE(heard_.group().is_owner());
    link_.emplace(*catalog_, heard_, clock_);
    Turn();  // says that it takes heartbeats
    Turn();  // and does, once the log says so too
    ASSERT_TRUE(TakesHeartbeats());
    Other("b", HeartbeatDuty::kActive);
    Other("c", HeartbeatDuty::kActive);
  }
  void Turn() {
    link_->Turn();
    Settle();
  }
  void Hear(const std::string& id) {
    const auto now = clock_.Now();
    ASSERT_TRUE(heard_.Report(id, {*heard_.group().owner, now.time_since_epoch().count()}, now));
  }

  std::optional<ExpiryLink> link_;
};

TEST_F(ExpiryOwnerTest, ResignsWhenMostOthersDoNotReachIt) {
  Hear("b");
  Hear("c");
  Advance(ExpiryLink::kResignAfter);
  Turn();
  EXPECT_TRUE(heard_.group().is_owner());
  Advance(1s);
  Turn();
  EXPECT_FALSE(heard_.group().is_owner());
}

TEST_F(ExpiryOwnerTest, StaysWhenHalfOfThemDo) {
  Advance(ExpiryLink::kResignAfter + 1s);
  Hear("b");
  Turn();
  EXPECT_TRUE(heard_.group().is_owner());
  // Nothing expires while the other one may have heard something.
  EXPECT_FALSE(heard_.HeardUntil(clock_.Now()));
  Other("c", HeartbeatDuty::kApart);
  EXPECT_EQ(heard_.HeardUntil(clock_.Now()), clock_.Now());
}

TEST_F(ExpiryOwnerTest, StaysWhenThereIsNobodyBetter) {
  Other("c", HeartbeatDuty::kLeft);
  Advance(ExpiryLink::kResignAfter + 1s);
  Turn();
  EXPECT_TRUE(heard_.group().is_owner());
}

}  // namespace
}  // namespace rollcall::cli
