// What an agent that comes back remembers, and what others see of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;

class AgentRestartTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(server_.Start()); }

  Reply Put(Agent& agent, const std::string& path, const Json& body = nullptr) {
    Http http(agent.http_port());
    return body.is_null() ? http.Put(path) : http.Put(path, body);
  }

  bool Answers(Agent& agent) {
    return Eventually([&] { return Http(agent.http_port()).Get("/v1/agent/self").ok(); });
  }

  // Everything that the registry says of the services, with all indexes.
  std::string Catalog() {
    return server_.Get("/v1/catalog/node/a1").body + server_.Get("/v1/health/node/a1").body;
  }

  std::vector<std::string> Instances() {
    std::vector<std::string> ids;
    const Json node = server_.Get("/v1/catalog/node/a1").json();
    if (!node.is_object()) return ids;
    for (const auto& [id, service] : node["Services"].items()) ids.push_back(id);
    return ids;
  }

  Server server_;
};

TEST_F(AgentRestartTest, NobodyNoticesAKillAndARestartWithinTheTtl) {
  Agent agent(
      {.server_url = server_.Url(),
       .definitions = {{"service",
                        {{"name", "web"},
                         {"check", {{"tcp", server_.Url().substr(7)}, {"interval", "1s"}}}}}}});
  agent.Start();
  ASSERT_TRUE(Answers(agent));
  ASSERT_TRUE(Put(agent, "/v1/agent/service/register",
                  {{"Name", "db"}, {"Port", 5432}, {"Check", {{"TTL", "60s"}}}})
                  .ok());
  ASSERT_TRUE(Put(agent, "/v1/agent/check/pass/service:db?note=fine").ok());
  ASSERT_TRUE(Put(agent, "/v1/agent/check/register", {{"Name", "mem"}, {"TTL", "60s"}}).ok());
  ASSERT_TRUE(Put(agent, "/v1/agent/check/warn/mem").ok());
  ASSERT_TRUE(Put(agent, "/v1/agent/check/pass/mem").ok());
  ASSERT_TRUE(Eventually([&] {
    return server_.PassingInstances("web").size() == 1 &&
           server_.PassingInstances("db").size() == 1;
  }));
  // What checks say is on the disk within a second, which a crash may cost.
  EXPECT_FALSE(Eventually([&] { return Instances().size() != 2; }, seconds(2)));
  const std::string before = Catalog();

  agent.Kill();
  agent.Start();
  ASSERT_TRUE(Answers(agent));
  // For longer than the check's interval and a heartbeat.
  EXPECT_FALSE(Eventually([&] { return Catalog() != before; }, seconds(7))) << before << "\nthen:\n"
                                                                            << Catalog();
}

TEST_F(AgentRestartTest, WhatProgramsRegisteredIsThereAfterAKill) {
  Agent agent({.server_url = server_.Url()});
  agent.Start();
  ASSERT_TRUE(Answers(agent));
  const std::string id = "web/1 \"\u00e9\"";
  ASSERT_TRUE(Put(agent, "/v1/agent/service/register", {{"ID", id}, {"Name", "web"}}).ok());
  ASSERT_TRUE(Put(agent, "/v1/agent/service/register", {{"Name", "gone"}}).ok());
  ASSERT_TRUE(Put(agent, "/v1/agent/service/deregister/gone").ok());
  agent.Kill();  // the very moment after the answer
  agent.Start();
  ASSERT_TRUE(Answers(agent));
  EXPECT_TRUE(Eventually([&] { return Instances() == std::vector<std::string>{id}; })) << Catalog();
}

TEST_F(AgentRestartTest, WhatIsDefinedNoMoreIsTakenOutOfTheRegistryAndNothingElse) {
  Agent agent({.server_url = server_.Url(),
               .definitions = {{"services", {{{"name", "old"}}, {{"name", "new"}}}}}});
  agent.Start();
  ASSERT_TRUE(Eventually([&] { return Instances().size() == 2; }));
  ASSERT_TRUE(server_
                  .Put("/v1/catalog/register", {{"Node", "a1"},
                                                {"Address", "127.0.0.1"},
                                                {"SkipNodeUpdate", true},
                                                {"Service", {{"Service", "others"}}}})
                  .ok());
  EXPECT_FALSE(Eventually([&] { return Instances().size() != 3; }, seconds(2)));
  agent.Kill();
  agent.Define({{"service", {{"name", "new"}}}});
  agent.Start();
  EXPECT_TRUE(Eventually([&] { return Instances() == std::vector<std::string>{"new", "others"}; }));
}

TEST_F(AgentRestartTest, ASecondAgentOfOneNameTouchesNothingOfTheFirst) {
  Agent first({.server_url = server_.Url(), .definitions = {{"service", {{"name", "first"}}}}});
  first.Start();
  ASSERT_TRUE(Eventually([&] { return Instances() == std::vector<std::string>{"first"}; }));
  const std::string before = Catalog();
  // Same node name, another ID: each has a data directory of its own.
  Agent second({.server_url = server_.Url(), .definitions = {{"service", {{"name", "second"}}}}});
  second.Start();
  ASSERT_TRUE(Eventually(
      [&] { return second.process().Output().find("refuses a change") != std::string::npos; }));
  EXPECT_EQ(Catalog(), before);
  EXPECT_EQ(second.Stop(), 0);
  EXPECT_EQ(Catalog(), before);
  // The name is free once the first has left.
  second.Start();
  first.Stop();
  EXPECT_TRUE(
      Eventually([&] { return Instances() == std::vector<std::string>{"second"}; }, seconds(20)));
}

TEST_F(AgentRestartTest, AnAgentOfTheServersOwnNodeIsAGuestThere) {
  const auto node = [&] { return server_.Get("/v1/catalog/node/n1").json(); };
  const auto health = [&] { return server_.Get("/v1/health/node/n1").body; };
  const Json before = node()["Node"];
  const std::string health_before = health();
  Agent agent({.server_url = server_.Url(),
               .node = "n1",
               .definitions = {{"service", {{"name", "guest"}}}},
               .more_flags = {"--node-ttl", "1s"}});
  agent.Start();
  ASSERT_TRUE(Eventually([&] { return node()["Services"].contains("guest"); }));
  ASSERT_TRUE(Put(agent, "/v1/agent/service/register", {{"Name", "late"}}).ok());
  ASSERT_TRUE(Eventually([&] { return node()["Services"].contains("late"); }, seconds(2)));
  EXPECT_EQ(node()["Node"], before);
  EXPECT_EQ(health(), health_before);
  EXPECT_EQ(agent.Stop(), 0);
  EXPECT_FALSE(node()["Services"].contains("guest"));
  EXPECT_FALSE(node()["Services"].contains("late"));
  EXPECT_EQ(node()["Node"], before);
  EXPECT_FALSE(Eventually([&] { return health() != health_before; }, seconds(3)));
}

TEST_F(AgentRestartTest, ChecksBeginAnewWhenTheAgentWasAwayForLong) {
  Agent agent({.server_url = server_.Url(),
               .definitions = {{"service", {{"name", "web"}, {"check", {{"ttl", "60s"}}}}}},
               .more_flags = {"--node-ttl", "1s"}});
  agent.Start();
  ASSERT_TRUE(Answers(agent));
  ASSERT_TRUE(Put(agent, "/v1/agent/check/pass/service:web").ok());
  ASSERT_TRUE(Eventually([&] { return server_.PassingInstances("web").size() == 1; }));
  agent.Kill();
  ASSERT_TRUE(Eventually([&] { return server_.PassingInstances("web").empty(); }));
  EXPECT_FALSE(Eventually([&] { return !server_.PassingInstances("web").empty(); }, seconds(1)));
  agent.Start();
  ASSERT_TRUE(Answers(agent));
  EXPECT_FALSE(Eventually([&] { return !server_.PassingInstances("web").empty(); }, seconds(2)));
}

}  // namespace
}  // namespace rollcall::e2e
