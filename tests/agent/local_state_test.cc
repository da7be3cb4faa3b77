#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/agent/local_state_fixture.h"

namespace rollcall::agent {
namespace {

using model::CheckStatus;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(LocalStateTest, NodeCheckIsDesiredFromTheStart) {
  const auto desired = state_.Desired();
  ASSERT_EQ(desired->checks.size(), 1u);
  const model::Check& check = *desired->checks.at("serfHealth");
  EXPECT_EQ(check.name, "Serf Health Status");
  EXPECT_EQ(check.status, CheckStatus::kPassing);
  EXPECT_EQ(check.definition->ttl, seconds(15));
  EXPECT_THAT(state_.Checks(), IsEmpty());
}

TEST_F(LocalStateTest, NodeCheckCannotBeTaken) {
  EXPECT_FALSE(state_.EnsureCheck(CheckOf(R"({"Name": "SerfHealth", "TTL": "1s"})"), Origin::kApi));
  EXPECT_FALSE(state_.EnsureService(
      Service(R"({"Name": "a", "Check": {"CheckID": "serfHealth", "TTL": "1s"}})"), Origin::kApi,
      UnnamedChecks::kKeep));
  EXPECT_THAT(ServiceIds(), IsEmpty());
}

TEST_F(LocalStateTest, ServiceBringsItsChecks) {
  Register(R"({"ID": "web-1", "Name": "web", "Tags": ["a"], "Check": {"TTL": "10s"}})");
  const model::Check& check = CheckRecord("service:web-1");
  EXPECT_EQ(check.node, "n1");
  EXPECT_EQ(check.service_name, "web");
  EXPECT_THAT(check.service_tags, ElementsAre("a"));
  EXPECT_EQ(check.upkeep, nullptr);
  EXPECT_EQ(state_.Desired()->instances.at("web-1")->node, "n1");
  EXPECT_THAT(started_, ElementsAre("service:web-1"));
  EXPECT_EQ(changes_, 1);
}

TEST_F(LocalStateTest, IdenticalRegistrationChangesNothing) {
  const char* json = R"({"Name": "web", "Check": {"TTL": "10s"}})";
  Register(json);
  const auto before = state_.Desired();
  Register(json);
  EXPECT_EQ(state_.Desired(), before);
  EXPECT_EQ(changes_, 1);
  EXPECT_EQ(started_.size(), 1u);
}

TEST_F(LocalStateTest, ReregistrationKeepsStatusAndOutput) {
  Register(R"({"Name": "web", "Check": {"TTL": "10s"}})");
  ASSERT_TRUE(state_.UpdateTtlCheck("service:web", CheckStatus::kPassing, "fine"));
  Register(R"({"Name": "web", "Port": 81, "Check": {"TTL": "20s"}})");
  EXPECT_EQ(CheckRecord("service:web").status, CheckStatus::kPassing);
  EXPECT_EQ(CheckRecord("service:web").output, "fine");
}

TEST_F(LocalStateTest, NewTagsReachTheChecks) {
  Register(R"({"Name": "web", "Tags": ["a"], "Check": {"TTL": "10s"}})");
  Register(R"({"Name": "web", "Tags": ["b"]})");
  EXPECT_THAT(CheckRecord("service:web").service_tags, ElementsAre("b"));
}

TEST_F(LocalStateTest, UnnamedChecksStayUnlessReplaced) {
  Register(R"({"Name": "web", "Checks": [{"TTL": "1s"}, {"TTL": "2s"}]})");
  Register(R"({"Name": "web", "Check": {"TTL": "3s"}})");
  EXPECT_THAT(CheckIds(), ElementsAre("service:web", "service:web:1", "service:web:2"));
  Register(R"({"Name": "web", "Check": {"TTL": "3s"}})", Origin::kApi, UnnamedChecks::kRemove);
  EXPECT_THAT(CheckIds(), ElementsAre("service:web"));
  EXPECT_THAT(removed_, ElementsAre("service:web:1", "service:web:2"));
}

TEST_F(LocalStateTest, CheckNeedsItsService) {
  const Result<void> done = state_.EnsureCheck(
      CheckOf(R"({"Name": "x", "TTL": "1s", "ServiceID": "ghost"})"), Origin::kApi);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(done.error().message, "ServiceID \"ghost\" does not exist");
}

TEST_F(LocalStateTest, RemovedServiceTakesItsChecks) {
  Register(R"({"Name": "web", "Check": {"TTL": "10s"}})");
  RegisterCheck(R"({"Name": "mem", "TTL": "10s"})");
  state_.RemoveService("WEB");
  EXPECT_THAT(ServiceIds(), IsEmpty());
  EXPECT_THAT(CheckIds(), ElementsAre("mem"));
  state_.RemoveService("nosuch");
  state_.RemoveCheck("nosuch");
  EXPECT_EQ(changes_, 3);
}

TEST_F(LocalStateTest, ChecksAreReportedRemovedUnderTheNameTheyWereReportedBy) {
  RegisterCheck(R"({"Name": "mem", "TCP": "127.0.0.1:1", "Interval": "1s"})");
  RegisterCheck(R"({"Name": "MEM", "TCP": "127.0.0.1:1", "Interval": "1s"})");
  EXPECT_THAT(started_, ElementsAre("mem", "MEM"));
  EXPECT_THAT(removed_, ElementsAre("mem"));
  state_.RemoveCheck("Mem");
  EXPECT_THAT(removed_, ElementsAre("mem", "MEM"));
}

TEST_F(LocalStateTest, TtlRunsOutAndIsRenewed) {
  RegisterCheck(R"({"Name": "mem", "TTL": "10s"})");
  ASSERT_TRUE(state_.UpdateTtlCheck("mem", CheckStatus::kPassing, ""));
  clock_.Advance(seconds(9));
  ASSERT_TRUE(state_.UpdateTtlCheck("mem", CheckStatus::kPassing, ""));
  clock_.Advance(seconds(9));
  state_.ApplyDeadlines();
  EXPECT_EQ(CheckRecord("mem").status, CheckStatus::kPassing);
  EXPECT_EQ(state_.NextDeadline(), clock_.Now() + seconds(1));
  clock_.Advance(seconds(1));
  state_.ApplyDeadlines();
  EXPECT_EQ(CheckRecord("mem").status, CheckStatus::kCritical);
  EXPECT_EQ(CheckRecord("mem").output, "TTL expired");
  EXPECT_EQ(state_.NextDeadline(), std::nullopt);
  ASSERT_TRUE(state_.UpdateTtlCheck("mem", CheckStatus::kPassing, "back"));
  EXPECT_EQ(CheckRecord("mem").output, "back");
  EXPECT_EQ(state_.NextDeadline(), clock_.Now() + seconds(10));
}

TEST_F(LocalStateTest, ExpiredOutputTellsTheLastOne) {
  RegisterCheck(R"({"Name": "mem", "TTL": "10s"})");
  ASSERT_TRUE(state_.UpdateTtlCheck("mem", CheckStatus::kPassing, "12% used"));
  clock_.Advance(seconds(10));
  state_.ApplyDeadlines();
  EXPECT_EQ(CheckRecord("mem").output,
            "TTL expired (last output before timeout follows): 12% used");
}

TEST_F(LocalStateTest, AnOverlongOutputIsCutAndSaysSo) {
  RegisterCheck(R"({"Name": "mem", "TTL": "10s"})");
  ASSERT_TRUE(state_.UpdateTtlCheck("mem", CheckStatus::kPassing, std::string(5000, 'x')));
  EXPECT_EQ(CheckRecord("mem").output,
            std::string(4096, 'x') + " ... (captured 4096 of 5000 bytes)");
}

TEST_F(LocalStateTest, HeartbeatThatChangesNothingIsNoChange) {
  RegisterCheck(R"({"Name": "mem", "TTL": "10s"})");
  ASSERT_TRUE(state_.UpdateTtlCheck("mem", CheckStatus::kPassing, "ok"));
  const int before = changes_;
  ASSERT_TRUE(state_.UpdateTtlCheck("mem", CheckStatus::kPassing, "ok"));
  EXPECT_EQ(changes_, before);
}

TEST_F(LocalStateTest, OnlyTtlChecksTakeHeartbeats) {
  RegisterCheck(R"({"Name": "x", "HTTP": "http://127.0.0.1:1", "Interval": "10s"})");
  for (const char* id : {"x", "nosuch"}) {
    const Result<void> done = state_.UpdateTtlCheck(id, CheckStatus::kPassing, "");
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code,
              id == std::string("x") ? ErrorCode::kInvalidArgument : ErrorCode::kNotFound);
    EXPECT_EQ(done.error().message,
              "CheckID \"" + std::string(id) + "\" does not have associated TTL");
  }
}

TEST_F(LocalStateTest, ProbeResultsAreKept) {
  RegisterCheck(R"({"Name": "x", "TCP": "127.0.0.1:1", "Interval": "10s"})");
  state_.RecordProbe("x", CheckStatus::kPassing, "TCP connect 127.0.0.1:1: Success");
  EXPECT_EQ(CheckRecord("x").status, CheckStatus::kPassing);
  EXPECT_EQ(CheckRecord("x").output, "TCP connect 127.0.0.1:1: Success");
  state_.RecordProbe("nosuch", CheckStatus::kPassing, "");
}

TEST_F(LocalStateTest, AProbeCountsWhenItsResultHasComeOftenEnough) {
  RegisterCheck(R"({"Name": "x", "TCP": "127.0.0.1:1", "Interval": "10s",
      "SuccessBeforePassing": 2, "FailuresBeforeCritical": 2})");
  state_.RecordProbe("x", CheckStatus::kPassing, "first");
  EXPECT_EQ(CheckRecord("x").status, CheckStatus::kCritical);
  EXPECT_EQ(CheckRecord("x").output, "");
  state_.RecordProbe("x", CheckStatus::kPassing, "second");
  EXPECT_EQ(CheckRecord("x").status, CheckStatus::kPassing);
  EXPECT_EQ(CheckRecord("x").output, "second");
  state_.RecordProbe("x", CheckStatus::kCritical, "down");
  EXPECT_EQ(CheckRecord("x").status, CheckStatus::kPassing);
  // Registered again as it is, it goes on counting.
  RegisterCheck(R"({"Name": "x", "TCP": "127.0.0.1:1", "Interval": "10s",
      "SuccessBeforePassing": 2, "FailuresBeforeCritical": 2})");
  state_.RecordProbe("x", CheckStatus::kCritical, "still down");
  EXPECT_EQ(CheckRecord("x").status, CheckStatus::kCritical);
  EXPECT_EQ(CheckRecord("x").output, "still down");
}

TEST_F(LocalStateTest, AHeartbeatsOutputIsCutWhereTheCheckSays) {
  RegisterCheck(R"({"Name": "x", "TTL": "10s", "OutputMaxSize": 4})");
  ASSERT_TRUE(state_.UpdateTtlCheck("x", CheckStatus::kPassing, "fine"));
  EXPECT_EQ(CheckRecord("x").output, "fine");
  ASSERT_TRUE(state_.UpdateTtlCheck("x", CheckStatus::kPassing, "finest"));
  EXPECT_EQ(CheckRecord("x").output, "fine ... (captured 4 of 6 bytes)");
}

TEST_F(LocalStateTest, AnAliasSaysWhatItsServiceSays) {
  Register(R"({"Name": "db", "Check": {"TTL": "10s"}})");
  Register(R"({"Name": "web", "Check": {"CheckID": "alias", "AliasService": "DB"}})");
  EXPECT_EQ(CheckRecord("alias").status, CheckStatus::kCritical);
  ASSERT_TRUE(state_.UpdateTtlCheck("service:db", CheckStatus::kPassing, "fine"));
  EXPECT_EQ(CheckRecord("alias").status, CheckStatus::kPassing);
  EXPECT_EQ(CheckRecord("alias").output, "All checks passing.");
  ASSERT_TRUE(state_.UpdateTtlCheck("service:db", CheckStatus::kWarning, "slow"));
  EXPECT_EQ(CheckRecord("alias").status, CheckStatus::kWarning);
  EXPECT_EQ(CheckRecord("alias").output, "Aliased check \"Service 'db' check\" failing: slow");
  state_.RemoveService("db");
  EXPECT_EQ(CheckRecord("alias").status, CheckStatus::kCritical);
  EXPECT_EQ(CheckRecord("alias").output, "Service DB could not be found on node n1");
  Register(R"({"Name": "db"})");
  EXPECT_EQ(CheckRecord("alias").status, CheckStatus::kPassing);
}

// Nothing else of the check changes, nor has any other.
TEST_F(LocalStateTest, AnAliasThatIsDefinedAnewStandsForItsNewServiceAtOnce) {
  Register(R"({"Name": "good", "Check": {"TTL": "10s", "Status": "passing"}})");
  Register(R"({"Name": "bad", "Check": {"TTL": "10s", "Status": "critical"}})");
  RegisterCheck(R"({"Name": "alias", "AliasService": "good"})");
  EXPECT_EQ(CheckRecord("alias").status, CheckStatus::kPassing);
  RegisterCheck(R"({"Name": "alias", "AliasService": "bad"})");
  EXPECT_EQ(CheckRecord("alias").status, CheckStatus::kCritical);
}

// In either order of their names.
TEST_F(LocalStateTest, AStatusGoesThroughAChainOfAliases) {
  Register(R"({"Name": "s0", "Check": {"TTL": "10s"}})");
  const int order[] = {3, 1, 4, 2};
  for (const int n : order) {
    const std::string name = "s" + std::to_string(n);
    const std::string of = "s" + std::to_string(n - 1);
    Register(
        (R"({"Name": ")" + name + R"(", "Check": {"AliasService": ")" + of + R"("}})").c_str());
  }
  EXPECT_EQ(CheckRecord("service:s4").status, CheckStatus::kCritical);
  ASSERT_TRUE(state_.UpdateTtlCheck("service:s0", CheckStatus::kPassing, ""));
  for (int n = 1; n <= 4; ++n) {
    EXPECT_EQ(CheckRecord("service:s" + std::to_string(n)).status, CheckStatus::kPassing) << n;
  }
}

TEST_F(LocalStateTest, AliasesThatStandForEachOtherDoNoHarm) {
  Register(R"({"Name": "a", "Check": {"AliasService": "b"}})");
  Register(R"({"Name": "b", "Check": {"AliasService": "a"}})");
  state_.RecordProbe("service:a", CheckStatus::kPassing, "nobody probes an alias");
  EXPECT_EQ(CheckRecord("service:a").status, CheckStatus::kCritical);
}

TEST_F(LocalStateTest, AnAliasOfAnotherNodeSaysWhatItIsTold) {
  RegisterCheck(R"({"Name": "x", "AliasNode": "n2", "AliasService": "db"})");
  RegisterCheck(R"({"Name": "own", "AliasNode": "N1"})");
  EXPECT_EQ(CheckRecord("x").status, CheckStatus::kCritical);
  state_.RecordAlias("x", CheckStatus::kPassing, "fine");
  EXPECT_EQ(CheckRecord("x").status, CheckStatus::kPassing);
  EXPECT_EQ(CheckRecord("x").output, "fine");
  state_.RecordAlias("own", CheckStatus::kWarning, "not told");
  EXPECT_NE(CheckRecord("own").output, "not told");
}

TEST_F(LocalStateTest, CriticalForTooLongIsDeregistered) {
  Register(R"({"Name": "web", "Check": {"TCP": "127.0.0.1:1", "Interval": "1s",
                "Status": "passing", "DeregisterCriticalServiceAfter": "5s"}})");
  Register(R"({"Name": "other"})");
  EXPECT_EQ(state_.NextDeadline(), std::nullopt);
  state_.RecordProbe("service:web", CheckStatus::kCritical, "1");
  clock_.Advance(seconds(4));
  state_.RecordProbe("service:web", CheckStatus::kWarning, "");  // not critical: starts anew
  state_.RecordProbe("service:web", CheckStatus::kCritical, "2");
  clock_.Advance(seconds(4));
  state_.RecordProbe("service:web", CheckStatus::kCritical, "3");  // still the same outage
  EXPECT_THAT(state_.ApplyDeadlines(), IsEmpty());
  EXPECT_EQ(state_.NextDeadline(), clock_.Now() + seconds(1));
  clock_.Advance(seconds(1));
  EXPECT_THAT(state_.ApplyDeadlines(), ElementsAre("web"));
  EXPECT_THAT(ServiceIds(), ElementsAre("other"));
  EXPECT_THAT(CheckIds(), IsEmpty());
}

TEST_F(LocalStateTest, NeverPassedCountsAsCriticalFromItsRegistration) {
  Register(R"({"Name": "web", "Check": {"TTL": "60s", "DeregisterCriticalServiceAfter": "5s"}})");
  clock_.Advance(seconds(5));
  EXPECT_THAT(state_.ApplyDeadlines(), ElementsAre("web"));
}

class ReloadTest : public LocalStateTest {
 protected:
  Result<void> Reload(const std::vector<const char*>& services,
                      const std::vector<const char*>& checks = {}) {
    Definitions definitions;
    for (const char* json : services) definitions.services.push_back(Service(json));
    for (const char* json : checks) definitions.checks.push_back(CheckOf(json));
    return state_.ReplaceFileDefinitions(definitions);
  }
};

TEST_F(ReloadTest, AppliesOnlyTheDifferences) {
  const char* web = R"({"Name": "web", "Check": {"TTL": "10s"}})";
  ASSERT_TRUE(Reload({web, R"({"Name": "old", "Check": {"TTL": "10s"}})"}));
  ASSERT_TRUE(state_.UpdateTtlCheck("service:web", CheckStatus::kPassing, "fine"));
  const auto deadline = state_.NextDeadline();
  const auto record = state_.Desired()->checks.at("service:web");
  clock_.Advance(seconds(1));
  started_.clear();
  ASSERT_TRUE(Reload({web, R"({"Name": "new"})"}));
  EXPECT_THAT(ServiceIds(), ElementsAre("new", "web"));
  EXPECT_EQ(state_.Desired()->checks.at("service:web"), record);
  EXPECT_EQ(state_.NextDeadline(), deadline);
  EXPECT_THAT(started_, IsEmpty());
  EXPECT_THAT(removed_, ElementsAre("service:old"));
}

TEST_F(ReloadTest, LeavesWhatTheApiRegisteredAlone) {
  Register(R"({"Name": "api", "Check": {"TTL": "10s"}})");
  ASSERT_TRUE(
      Reload({R"({"Name": "web"})"}, {R"({"Name": "c", "TTL": "1s", "ServiceID": "api"})"}));
  EXPECT_THAT(ServiceIds(), ElementsAre("api", "web"));
  ASSERT_TRUE(Reload({}));
  EXPECT_THAT(ServiceIds(), ElementsAre("api"));
  EXPECT_THAT(CheckIds(), ElementsAre("service:api"));
}

TEST_F(ReloadTest, IsRefusedAsAWhole) {
  ASSERT_TRUE(Reload({R"({"Name": "web"})"}));
  const auto before = state_.Desired();
  EXPECT_FALSE(
      Reload({R"({"Name": "new"})"}, {R"({"Name": "c", "TTL": "1s", "ServiceID": "web"})"}));
  EXPECT_EQ(state_.Desired(), before);
}

TEST_F(ReloadTest, ChecksThatLeaveTheFileGo) {
  ASSERT_TRUE(Reload({R"({"Name": "web", "Checks": [{"TTL": "1s"}, {"TTL": "2s"}]})"}));
  ASSERT_TRUE(Reload({R"({"Name": "web", "Check": {"TTL": "1s"}})"}));
  EXPECT_THAT(CheckIds(), ElementsAre("service:web"));
}

}  // namespace
}  // namespace rollcall::agent
