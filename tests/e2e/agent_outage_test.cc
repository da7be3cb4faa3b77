// A registry that is away for a while, or comes back without its data: what programs see that ask
// their agent meanwhile, and what the registry says afterwards.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "tests/e2e/harness/dig.h"
#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using Clock = std::chrono::steady_clock;

constexpr const char* kCachedRead = "/v1/health/service/web?passing&cached";

// The "Status" of each check of an answer, by its ID.
std::map<std::string, std::string> Statuses(const Json& checks) {
  std::map<std::string, std::string> statuses;
  for (const Json& each : checks) statuses[each.at("CheckID")] = each.at("Status");
  return statuses;
}

// `json` without the indexes in it.
Json WithoutIndexes(Json json) {
  if (json.is_object()) {
    json.erase("CreateIndex");
    json.erase("ModifyIndex");
  }
  for (Json& each : json) {
    if (each.is_structured()) each = WithoutIndexes(each);
  }
  return json;
}

class AgentOutageTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(server_.Start()); }

  // An agent with a service of its file whose check runs, "web", and one that a program has
  // registered and keeps alive itself, "db".
  void StartAgent(std::vector<std::string> flags, const std::string& ttl) {
    const Json check = {{"tcp", backend_.address()}, {"interval", "1s"}};
    agent_ = std::make_unique<Agent>(Agent::Options{
        .server_url = server_.Url(),
        .definitions = {{"service", {{"name", "web"}, {"port", 80}, {"check", check}}}},
        .more_flags = std::move(flags)});
    agent_->Start();
    ASSERT_TRUE(Eventually([&] { return Get("/v1/agent/self").ok(); }));
    const Json db = {{"Name", "db"}, {"Port", 5432}, {"Check", {{"TTL", ttl}}}};
    ASSERT_TRUE(Put("/v1/agent/service/register", db).ok());
    ASSERT_TRUE(Put("/v1/agent/check/pass/service:db").ok());
    ASSERT_TRUE(Eventually([&] { return Passing("web") && Passing("db"); }));
    // An answer of each kind that is to be given without the registry.
    ASSERT_TRUE(Eventually([&] { return Get(kCachedRead).json().size() == 1; }));
    ASSERT_TRUE(Eventually([&] { return Srv().answers.size() == 1; }));
  }

  Reply Get(const std::string& path) { return Http(agent_->http_port()).Get(path); }
  Reply Put(const std::string& path, const Json& body = nullptr) {
    Http http(agent_->http_port());
    return body.is_null() ? http.Put(path) : http.Put(path, body);
  }
  DnsReply Srv() { return Dig(agent_->dns_port(), "web.service.consul", "SRV"); }

  bool Passing(const std::string& service) { return server_.PassingInstances(service).size() == 1; }

  // Everything that the registry says of the host, with all indexes.
  std::string Catalog() {
    return server_.Get("/v1/catalog/node/a1").body + server_.Get("/v1/health/node/a1").body;
  }
  // The same, as far as it does not depend on when it was written.
  Json Content() {
    Json checks = Json::object();
    for (const Json& each : server_.Get("/v1/health/node/a1").json()) {
      checks[each.at("CheckID").get<std::string>()] = each;
    }
    return WithoutIndexes({server_.Get("/v1/catalog/node/a1").json(), checks});
  }

  // The registry goes away, programs go on using their agent all the `time`, and it comes back.
  void Outage(milliseconds time) {
    const std::string kept = Get(kCachedRead).body;
    const std::vector<std::string> answers = Srv().answers;
    const std::string services = Get("/v1/agent/services").body;
    server_.Stop();
    const auto end = Clock::now() + time;
    int age = 0;
    while (Clock::now() < end && !HasFailure()) {
      EXPECT_EQ(Get("/v1/agent/services").body, services);
      EXPECT_TRUE(Put("/v1/agent/check/pass/service:db").ok());
      EXPECT_THAT(
          Statuses(Get("/v1/agent/checks").json()),
          ElementsAre(std::pair("service:db", "passing"), std::pair("service:web", "passing")));
      const Reply read = Get(kCachedRead);
      EXPECT_EQ(read.body, kept);
      EXPECT_EQ(read.cache, "HIT");
      EXPECT_GE(read.age, age);
      age = read.age;
      const DnsReply stale = Srv();
      EXPECT_EQ(stale.answers, answers);
      EXPECT_EQ(stale.extended_error, "3 (Stale Answer)");
      std::this_thread::sleep_for(milliseconds(200));
    }
    // A second of rounding, and what the last round takes.
    EXPECT_GE(seconds(age) + seconds(3), time);
    ASSERT_TRUE(server_.Start());
  }

  // From now on for `time`, in which programs go on: nothing that the registry says changes.
  void ExpectUnchanged(const std::string& catalog, milliseconds time) {
    const auto changed = [&] {
      EXPECT_TRUE(Put("/v1/agent/check/pass/service:db").ok());
      return Catalog() != catalog;
    };
    EXPECT_FALSE(Eventually(changed, time)) << catalog << "\nthen:\n" << Catalog();
  }

  // The answers of the agent are the registry's again.
  void ExpectFresh() {
    EXPECT_TRUE(Eventually([&] { return Get(kCachedRead).age == 0; }));
    EXPECT_TRUE(Eventually([&] { return Srv().extended_error.empty(); }));
    EXPECT_EQ(Get(kCachedRead).json().size(), 1u);
    EXPECT_EQ(Srv().answers.size(), 1u);
  }

  const Port backend_;
  Backend listens_{"127.0.0.1", backend_.number(), "backend"};
  Server server_;
  std::unique_ptr<Agent> agent_;
};

// Four times as long as the node may be silent, and the TTL of the check too.
TEST_F(AgentOutageTest, NothingIsLostAndNothingFlapsWhereTtlsAreShort) {
  StartAgent({"--node-ttl", "2s"}, "2s");
  const std::string before = Catalog();
  Outage(seconds(8));
  ExpectUnchanged(before, seconds(5));
  ExpectFresh();
}

TEST_F(AgentOutageTest, AMinuteMakesNoDifferenceWithTheDefaults) {
  StartAgent({}, "15s");
  const std::string before = Catalog();
  Outage(seconds(60));
  ExpectUnchanged(before, seconds(16));
  ExpectFresh();
}

TEST_F(AgentOutageTest, WhatHappenedMeanwhileIsToldAfterwards) {
  StartAgent({}, "15s");
  server_.Stop();
  ASSERT_TRUE(Put("/v1/agent/service/register", {{"Name", "cache"}, {"Port", 6379}}).ok());
  ASSERT_TRUE(Put("/v1/agent/service/deregister/db").ok());
  listens_.Kill();
  ASSERT_TRUE(Eventually(
      [&] { return Statuses(Get("/v1/agent/checks").json())["service:web"] == "critical"; }));
  ASSERT_TRUE(server_.Start());
  EXPECT_TRUE(Eventually([&] { return Passing("cache"); }));
  EXPECT_TRUE(Eventually([&] { return server_.Get("/v1/health/service/db").body == "[]"; }));
  EXPECT_TRUE(Eventually([&] { return !Passing("web"); }));
  EXPECT_EQ(server_.Get("/v1/health/service/web").json().size(), 1u);
}

TEST_F(AgentOutageTest, ARegistryThatLostItsDataHasEverythingBackWithinASync) {
  StartAgent({}, "60s");
  ASSERT_TRUE(Put("/v1/agent/service/register",
                  {{"ID", "mail/1"},
                   {"Name", "mail"},
                   {"Address", "192.0.2.7"},
                   {"Port", 25},
                   {"Tags", {"mx", "out"}},
                   {"Meta", {{"version", "3"}}},
                   {"Weights", {{"Passing", 7}, {"Warning", 2}}},
                   {"TaggedAddresses", {{"wan", {{"Address", "198.51.100.7"}, {"Port", 2525}}}}},
                   {"Checks",
                    {{{"CheckID", "queue"}, {"TTL", "60s"}},
                     {{"CheckID", "spool"}, {"TTL", "60s"}, {"Notes", "the disk"}}}}})
                  .ok());
  ASSERT_TRUE(Put("/v1/agent/check/pass/queue?note=3+in+the+queue").ok());
  ASSERT_TRUE(Put("/v1/agent/check/warn/spool?note=80%25+full").ok());
  ASSERT_TRUE(Put("/v1/agent/check/register", {{"Name", "mem"}, {"TTL", "60s"}}).ok());
  ASSERT_TRUE(Put("/v1/agent/check/pass/mem").ok());
  ASSERT_TRUE(Put("/v1/agent/service/maintenance/db?enable=true&reason=new+disk").ok());
  ASSERT_TRUE(Put("/v1/agent/maintenance?enable=true&reason=move").ok());
  const auto statuses = [&] { return Statuses(server_.Get("/v1/health/node/a1").json()); };
  const std::map<std::string, std::string> expected = {{"_node_maintenance", "critical"},
                                                       {"_service_maintenance:db", "critical"},
                                                       {"mem", "passing"},
                                                       {"queue", "passing"},
                                                       {"serfHealth", "passing"},
                                                       {"service:db", "passing"},
                                                       {"service:web", "passing"},
                                                       {"spool", "warning"}};
  ASSERT_TRUE(Eventually([&] { return statuses() == expected; })) << Json(statuses());
  // Outputs too: those of queue and spool went along with a change of their status.
  const Json before = Content();

  server_.Stop();
  server_.LoseData();
  ASSERT_TRUE(server_.Start());
  EXPECT_TRUE(Eventually([&] { return Content() == before; })) << before << "\nthen:\n"
                                                               << Content();
}

}  // namespace
}  // namespace rollcall::e2e
