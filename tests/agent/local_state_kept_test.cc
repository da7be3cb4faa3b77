// What of the local state outlives a restart, and what a restart makes of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/agent/local_state_fixture.h"

namespace rollcall::agent {
namespace {

using model::CheckStatus;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// What would survive a restart, as the listener was told.
class KeptChangesTest : public LocalStateTest {
 protected:
  std::vector<std::string> Kept() { return std::exchange(kept_, {}); }
};

TEST_F(KeptChangesTest, RegistrationThroughTheApiIsKeptOnceUntilItChanges) {
  Register(R"({"Name": "web", "Port": 80, "Check": {"TTL": "10s"}})");
  EXPECT_THAT(Kept(), ElementsAre("service web", "check service:web"));
  Register(R"({"Name": "web", "Port": 80, "Check": {"TTL": "10s"}})");
  EXPECT_THAT(Kept(), IsEmpty());
  Register(R"({"Name": "web", "Port": 81, "Check": {"TTL": "10s", "Notes": "n"}})");
  EXPECT_THAT(Kept(), ElementsAre("service web", "check service:web"));
}

TEST_F(KeptChangesTest, WhatFilesDefineIsNot) {
  Register(R"({"Name": "web", "Check": {"TTL": "10s"}})", Origin::kFile);
  state_.RemoveService("web");
  EXPECT_THAT(Kept(), IsEmpty());
}

TEST_F(KeptChangesTest, StatusIsNot) {
  Register(R"({"Name": "web", "Check": {"TTL": "10s"}})");
  Kept();
  ASSERT_TRUE(state_.UpdateTtlCheck("service:web", CheckStatus::kPassing, "x").has_value());
  EXPECT_THAT(Kept(), IsEmpty());
}

TEST_F(KeptChangesTest, WhatIsRemovedIsForgotten) {
  Register(R"({"Name": "web", "Check": {"TTL": "10s"}})");
  RegisterCheck(R"({"Name": "mem", "TTL": "10s"})");
  Kept();
  state_.RemoveService("WEB");
  EXPECT_THAT(Kept(), ElementsAre("no check service:web", "no service WEB"));
  state_.RemoveCheck("mem");
  state_.RemoveCheck("mem");
  // A file that was not loaded may be there: of a script that is not allowed now.
  EXPECT_THAT(Kept(), ElementsAre("no check mem", "no check mem"));
}

TEST_F(KeptChangesTest, WhatHasBeenCriticalForTooLongIsForgotten) {
  Register(R"({"Name": "web", "Check": {"TTL": "1s", "DeregisterCriticalServiceAfter": "1s"}})");
  Kept();
  clock_.Advance(seconds(10));
  state_.ApplyDeadlines();
  EXPECT_THAT(Kept(), ElementsAre("no check service:web", "no service web"));
}

TEST_F(KeptChangesTest, ChecksThatARegistrationReplacesAreForgotten) {
  Register(
      R"({"Name": "web", "Checks": [{"CheckID": "a", "TTL": "1s"}, {"CheckID": "b", "TTL": "1s"}]})");
  Kept();
  Register(R"({"Name": "web", "Check": {"CheckID": "b", "TTL": "1s"}})", Origin::kApi,
           UnnamedChecks::kRemove);
  EXPECT_THAT(Kept(), ElementsAre("no check a"));
}

TEST_F(KeptChangesTest, FileTakesOverWhatWasRegistered) {
  Register(R"({"Name": "web", "Check": {"TTL": "10s"}})");
  Kept();
  Register(R"({"Name": "web", "Check": {"TTL": "10s"}})", Origin::kFile);
  EXPECT_THAT(Kept(), ElementsAre("no service web", "no check service:web"));
}

TEST_F(KeptChangesTest, LoadingKeepsNothingAnew) {
  Definitions kept;
  kept.services.push_back(Service(R"({"Name": "web"})"));
  kept.checks.push_back(CheckOf(R"({"Name": "mem", "TTL": "10s", "ServiceID": "web"})"));
  ASSERT_TRUE(state_.Load({}, kept).has_value());
  EXPECT_THAT(ServiceIds(), ElementsAre("web"));
  EXPECT_THAT(CheckIds(), ElementsAre("mem"));
  EXPECT_THAT(Kept(), IsEmpty());
  state_.RemoveService("web");
  EXPECT_THAT(Kept(), ElementsAre("no check mem", "no service web"));
}

TEST_F(KeptChangesTest, FileWinsOverWhatWasKept) {
  Definitions files;
  files.services.push_back(Service(R"({"Name": "web", "Port": 80, "Check": {"TTL": "10s"}})"));
  Definitions kept;
  kept.services.push_back(Service(R"({"Name": "WEB", "Port": 81})"));
  kept.checks.push_back(CheckOf(R"({"CheckID": "service:web", "Name": "x", "TTL": "99s"})"));
  ASSERT_TRUE(state_.Load(files, kept).has_value());
  EXPECT_EQ(state_.instances().at("web")->port, 80);
  EXPECT_EQ(CheckRecord("service:web").name, "Service 'web' check");
  EXPECT_THAT(Kept(), ElementsAre("no service WEB", "no check service:web"));
}

TEST_F(KeptChangesTest, KeptCheckWithoutItsServiceIsForgotten) {
  Definitions kept;
  kept.checks.push_back(CheckOf(R"({"Name": "mem", "TTL": "10s", "ServiceID": "web"})"));
  ASSERT_TRUE(state_.Load({}, kept).has_value());
  EXPECT_THAT(CheckIds(), IsEmpty());
  EXPECT_THAT(Kept(), ElementsAre("no check mem"));
}

TEST_F(LocalStateTest, CheckOfAFileMayBelongToAServiceThatWasKept) {
  Definitions files;
  files.checks.push_back(CheckOf(R"({"Name": "mem", "TTL": "10s", "ServiceID": "web"})"));
  Definitions kept;
  kept.services.push_back(Service(R"({"Name": "web"})"));
  ASSERT_TRUE(state_.Load(files, kept).has_value());
  EXPECT_THAT(CheckIds(), ElementsAre("mem"));
}

TEST_F(LocalStateTest, CheckOfAFileWhoseServiceIsGoneDoesNotKeepAnAgentFromStarting) {
  Definitions files;
  files.checks.push_back(CheckOf(R"({"Name": "mem", "TTL": "10s", "ServiceID": "web"})"));
  files.checks.push_back(CheckOf(R"({"Name": "disk", "TTL": "10s"})"));
  ASSERT_TRUE(state_.Load(files, {}).has_value());
  EXPECT_THAT(CheckIds(), ElementsAre("disk"));
}

TEST_F(LocalStateTest, RefusedFileDefinitionsSayWhere) {
  Definitions files;
  files.checks.push_back(CheckOf(R"({"Name": "disk", "TTL": "10s"})"));
  files.checks.push_back(CheckOf(R"({"Name": "mem", "TTL": "10s", "ServiceID": "web"})"));
  files.check_places = {"a.json:1", "a.json:7"};
  EXPECT_EQ(state_.ReplaceFileDefinitions(files).error().message,
            "a.json:7: ServiceID \"web\" does not exist");
  files.checks.clear();
  files.services.push_back(
      Service(R"({"Name": "w", "Check": {"CheckID": "serfHealth", "TTL": "1s"}})"));
  files.service_places = {"b.json:3"};
  EXPECT_EQ(state_.CheckFileDefinitions(files).error().message,
            "b.json:3: CheckID \"serfHealth\" is the node's own");
}

TEST_F(LocalStateTest, RestoredCheckSaysWhatItSaidAndHasItsWholeTtl) {
  Definitions kept;
  kept.checks.push_back(CheckOf(R"({"Name": "mem", "TTL": "10s"})"));
  ASSERT_TRUE(state_.Load({}, kept).has_value());
  state_.Restore({{"mem", CheckStatus::kPassing, "fine"}, {"gone", CheckStatus::kPassing, ""}});
  EXPECT_EQ(CheckRecord("mem").status, CheckStatus::kPassing);
  EXPECT_EQ(CheckRecord("mem").output, "fine");
  clock_.Advance(seconds(9));
  state_.ApplyDeadlines();
  EXPECT_EQ(CheckRecord("mem").status, CheckStatus::kPassing);
  clock_.Advance(seconds(1));
  state_.ApplyDeadlines();
  EXPECT_EQ(CheckRecord("mem").status, CheckStatus::kCritical);
}

}  // namespace
}  // namespace rollcall::agent
