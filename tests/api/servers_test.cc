// What a server says of the registry's servers: of one that has its store to itself, and of those
// that share one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/server_card.h"
#include "registry/base/go_duration.h"
#include "tests/api/shared_api_fixture.h"

namespace rollcall::api {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;

constexpr const char* kConfiguration = "/v1/operator/raft/configuration";
constexpr const char* kHealth = "/v1/operator/autopilot/health";
constexpr const char* kDate = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z";

const char* const kOtherCard =
    R"({"Node": "a0", "HTTP": "[fd00::7]:18500", "Version": "0.9", "New": [1]})";

std::chrono::nanoseconds DurationOf(const json& text) {
  return ParseGoDuration(text.get<std::string>()).value();
}

TEST(ServerCardTest, IsReadAsItWasWritten) {
  const ServerCard read =
      ServerCard::Parse(ServerCard{"registry \"a\"", "[fd00::1]:8501", "1.2"}.ToText());
  EXPECT_EQ(read.node, "registry \"a\"");
  EXPECT_EQ(read.http, "[fd00::1]:8501");
  EXPECT_EQ(read.version, "1.2");
}

TEST(ServerCardTest, ANameThatIsNoUtf8IsWrittenAllTheSame) {
  EXPECT_EQ(ServerCard::Parse(ServerCard{"a\xff", "h:1", ""}.ToText()).http, "h:1");
}

TEST(ServerCardTest, WhatIsNotThereOrWrongIsEmpty) {
  for (const std::string& text :
       {std::string(), std::string("here"), std::string("[]"),
        std::string(R"({"Node":7,"HTTP":null})"), std::string("{"), std::string(100'000, '[')}) {
    const ServerCard read = ServerCard::Parse(text);
    EXPECT_EQ(read.node + read.http + read.version, "") << text.substr(0, 30);
  }
}

using OneServerTest = ApiTest;

TEST_F(OneServerTest, LeadsItself) {
  Put("/v1/catalog/register",
      {{"Node", "n1"}, {"Address", "127.0.0.1"}, {"ID", "40e4a748-2192-161a-0510-9bf59fe950b5"}});
  EXPECT_EQ(Get("/v1/status/leader").json(), "127.0.0.1:8300");
  EXPECT_EQ(Get("/v1/status/peers").json(), json({"127.0.0.1:8300"}));
  const uint64_t index = Get("/v1/catalog/nodes").index;
  EXPECT_EQ(Get(kConfiguration).json(), json({{"Servers",
                                               {{{"ID", "40e4a748-2192-161a-0510-9bf59fe950b5"},
                                                 {"Node", "n1"},
                                                 {"Address", "127.0.0.1:8300"},
                                                 {"Leader", true},
                                                 {"ProtocolVersion", "3"},
                                                 {"Voter", true},
                                                 {"LastIndex", index},
                                                 {"HTTP", "127.0.0.1:8500"},
                                                 {"Heartbeats", true},
                                                 {"LastContact", "0s"},
                                                 {"Trouble", ""}}}},
                                              {"Index", index}}));
}

TEST_F(OneServerTest, IsWellAndMayNotBeLost) {
  const Answer answer = Get(kHealth);
  EXPECT_EQ(answer.status, 200);
  json health = answer.json();
  EXPECT_THAT(health["Servers"][0]["StableSince"].get<std::string>(), MatchesRegex(kDate));
  health["Servers"][0].erase("StableSince");
  EXPECT_EQ(health, json({{"Healthy", true},
                          {"FailureTolerance", 0},
                          {"Servers",
                           {{{"ID", ""},
                             {"Name", "n1"},
                             {"Address", "127.0.0.1:8300"},
                             {"SerfStatus", "alive"},
                             {"Version", "test"},
                             {"Leader", true},
                             {"LastContact", "0s"},
                             {"LastTerm", 0},
                             {"LastIndex", catalog().snapshots().Get()->index().value()},
                             {"Healthy", true},
                             {"Voter", true}}}}}));
}

TEST_F(OneServerTest, SaysSoInItsStatistics) {
  const json stats = Get("/v1/agent/self").json()["Stats"];
  EXPECT_EQ(stats["consul"]["bootstrap"], "true");
  EXPECT_EQ(stats["consul"]["leader"], "true");
  EXPECT_EQ(stats["raft"],
            json({{"applied_index", std::to_string(catalog().snapshots().Get()->index().value())},
                  {"last_contact", "0s"},
                  {"num_peers", "0"},
                  {"state", "Leader"},
                  {"trouble", ""}}));
}

TEST_F(OneServerTest, KnowsItsOwnDatacenterAlone) {
  for (const char* path : {kConfiguration, kHealth}) {
    EXPECT_EQ(Get(std::string(path) + "?dc=dc1&stale").status, 200);
    const Answer answer = Get(std::string(path) + "?dc=elsewhere");
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.body, "No path to datacenter");
    EXPECT_EQ(Put(path).status, 405);
  }
}

class SeveralServersTest : public SharedApiTest {
 protected:
  json Entry(const std::string& node) {
    const json configuration = Get(kConfiguration).json();
    for (const json& each : configuration["Servers"]) {
      if (each["Node"] == node) return each;
    }
    return {};
  }
  // Whether it came to hold.
  static bool Await(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
  }
};

TEST_F(SeveralServersTest, AreListedByTheNamesOfTheirNodes) {
  SetGroup({{kSelf, "of itself it knows better"}, {"run-2", kOtherCard}}, "run-1.1");
  EXPECT_EQ(Get("/v1/status/peers").json(), json({"[fd00::7]:8300", "127.0.0.1:8300"}));
  EXPECT_EQ(Get("/v1/status/leader").json(), "127.0.0.1:8300");
  EXPECT_EQ(Entry("a0"), json({{"ID", "run-2"},
                               {"Node", "a0"},
                               {"Address", "[fd00::7]:8300"},
                               {"Leader", false},
                               {"ProtocolVersion", "3"},
                               {"Voter", true},
                               {"LastIndex", nullptr},
                               {"HTTP", "[fd00::7]:18500"},
                               {"Heartbeats", true},
                               {"LastContact", nullptr},
                               {"Trouble", nullptr}}));
  const json own = Entry("n1");
  EXPECT_EQ(own["ID"], kSelf);
  EXPECT_EQ(own["Leader"], true);
  EXPECT_EQ(own["LastIndex"], catalog().snapshots().Get()->index().value());
  EXPECT_EQ(own["Trouble"], "");
}

TEST_F(SeveralServersTest, TheLeaderIsWhoOwnsExpiry) {
  SetGroup({{kSelf, ""}, {"run-2", kOtherCard}}, "run-2.7");
  EXPECT_EQ(Get("/v1/status/leader").json(), "[fd00::7]:8300");
  EXPECT_EQ(Entry("a0")["Leader"], true);
  EXPECT_EQ(Entry("n1")["Leader"], false);
  const json stats = Get("/v1/agent/self").json()["Stats"];
  EXPECT_EQ(stats["consul"]["leader"], "false");
  EXPECT_EQ(stats["consul"]["bootstrap"], "false");
  EXPECT_EQ(stats["consul"]["leader_addr"], "[fd00::7]:8300");
  EXPECT_EQ(stats["raft"]["state"], "Follower");
  EXPECT_EQ(stats["raft"]["num_peers"], "1");
}

TEST_F(SeveralServersTest, WithoutAnOwnerThereIsNoLeader) {
  for (const auto& owner : {std::optional<std::string>(), std::optional<std::string>("gone.1")}) {
    SetGroup({{kSelf, ""}, {"run-2", kOtherCard}}, owner);
    const Answer leader = Get("/v1/status/leader");
    EXPECT_EQ(leader.status, 200);
    EXPECT_EQ(leader.body, "\"\"");
    EXPECT_EQ(Get("/v1/agent/self").json()["Stats"]["consul"]["leader_addr"], "");
  }
}

TEST_F(SeveralServersTest, WhoTakesNoHeartbeatsIsTold) {
  SetMembers({{kSelf, {catalog::HeartbeatDuty::kLeft, ""}},
              {"run-2", {catalog::HeartbeatDuty::kApart, kOtherCard}}},
             "run-2.7");
  EXPECT_EQ(Entry("a0")["Heartbeats"], false);
  EXPECT_EQ(Entry("n1")["Heartbeats"], false);
}

TEST_F(SeveralServersTest, AServerThatTheOthersMayNotKnowListsItselfToo) {
  SetGroup({{"run-2", kOtherCard}}, "run-2.7");
  EXPECT_EQ(Get(kConfiguration).json()["Servers"].size(), 2u);
  EXPECT_EQ(Entry("n1")["Leader"], false);
  EXPECT_EQ(Entry("n1")["Heartbeats"], false);
}

TEST_F(SeveralServersTest, WhatAnotherOneSaysOfItselfMayBeGarbage) {
  SetGroup({{kSelf, ""}, {"run-2", "\xff{"}}, "run-2.1");
  const json garbage = Entry("");
  EXPECT_EQ(garbage["ID"], "run-2");
  EXPECT_EQ(garbage["Address"], "");
  EXPECT_EQ(garbage["HTTP"], "");
  EXPECT_EQ(Get("/v1/status/leader").json(), "");
}

TEST_F(SeveralServersTest, EachMayBeLostButTheLast) {
  SetGroup({{kSelf, ""}, {"run-2", kOtherCard}, {"run-3", kOtherCard}}, "run-2.1");
  const Answer answer = Get(kHealth);
  EXPECT_EQ(answer.status, 200);
  const json health = answer.json();
  EXPECT_EQ(health["FailureTolerance"], 2);
  const json& other = health["Servers"][0];
  EXPECT_EQ(other["ID"], "run-2");
  EXPECT_EQ(other["Version"], "0.9");
  EXPECT_EQ(other["SerfStatus"], "alive");
  for (const char* unknown : {"LastContact", "LastIndex", "StableSince"}) {
    EXPECT_TRUE(other[unknown].is_null()) << unknown;
    EXPECT_FALSE(health["Servers"][2][unknown].is_null()) << unknown;
  }
}

TEST_F(SeveralServersTest, TroubleIsToldAndThatItIsOver) {
  SetGroup({{kSelf, ""}, {"run-2", kOtherCard}}, "run-2.1");
  log().CutOff(true);
  ASSERT_TRUE(Await([&] { return Entry("n1")["Trouble"] == "no etcd answers"; }));
  const Answer ill = Get(kHealth);
  EXPECT_EQ(ill.status, 429);
  const json health = ill.json();
  EXPECT_EQ(health["Healthy"], false);
  EXPECT_EQ(health["FailureTolerance"], 0);
  // It is there itself, and cannot tell of the other one.
  EXPECT_EQ(health["Servers"][0]["SerfStatus"], "none");
  EXPECT_EQ(health["Servers"][0]["Healthy"], false);
  EXPECT_EQ(health["Servers"][1]["SerfStatus"], "alive");
  EXPECT_EQ(health["Servers"][1]["Healthy"], false);
  EXPECT_EQ(Get("/v1/agent/self").json()["Stats"]["raft"]["trouble"], "no etcd answers");
  log().CutOff(false);
  log().Contact(clock().Now());
  EXPECT_TRUE(Await([&] { return Get(kHealth).status == 200; }));
  EXPECT_EQ(Entry("n1")["Trouble"], "");
}

TEST_F(SeveralServersTest, OneThatHasHadNoWordForTooLongKnowsNoLeader) {
  SetGroup({{kSelf, ""}, {"run-2", kOtherCard}}, "run-2.1");
  EXPECT_LT(DurationOf(Entry("n1")["LastContact"]), std::chrono::hours(1));
  OnWorker([this] {
    shared().bounds.by_default = std::chrono::nanoseconds(0);
    return true;
  });
  EXPECT_EQ(Get("/v1/status/leader").body, "\"\"");
  EXPECT_GT(DurationOf(Entry("n1")["LastContact"]), std::chrono::nanoseconds(0));
  EXPECT_EQ(Entry("n1")["Trouble"], "no word of the log in time");
  EXPECT_EQ(Get(kHealth).status, 429);
}

}  // namespace
}  // namespace rollcall::api
