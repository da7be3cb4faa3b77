// What the world sees of an agent that dies without a word, and that comes back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/harness/dig.h"
#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;

TEST(AgentCrashTest, InstancesLeaveWithinTheTtlAndComeBackWithTheAgent) {
  Server server;
  ASSERT_TRUE(server.Start());
  Agent agent({.server_url = server.Url(),
               .definitions = {{"service", {{"id", "db-1"}, {"name", "db"}, {"port", 5432}}}},
               .more_flags = {"--node-ttl", "3s"}});
  const auto in_http = [&] { return !server.PassingInstances("db").empty(); };
  const auto in_dns = [&] {
    return !Dig(server.dns_port(), "db.service.consul", "SRV").answers.empty();
  };

  agent.Start();
  ASSERT_TRUE(Eventually(in_http));
  EXPECT_TRUE(in_dns());
  // Alive it stays for longer than the TTL: the heartbeats arrive.
  EXPECT_FALSE(Eventually([&] { return !in_http(); }, seconds(5)));

  agent.Kill();
  const auto deadline = std::chrono::steady_clock::now() + seconds(4);  // TTL + 1 s
  EXPECT_TRUE(Eventually([&] { return !in_http() && !in_dns(); }, seconds(4)));
  EXPECT_LE(std::chrono::steady_clock::now(), deadline + std::chrono::milliseconds(200));
  // It is out because its node is ill, not because it is forgotten.
  const Json all = server.Get("/v1/health/service/db").json();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0]["Service"]["ID"], "db-1");

  agent.Start();
  EXPECT_TRUE(Eventually([&] { return in_http() && in_dns(); }, seconds(2)));
  EXPECT_EQ(server.Get("/v1/health/service/db").json().size(), 1u);
}

TEST(AgentCrashTest, OtherNodesStay) {
  Server server;
  ASSERT_TRUE(server.Start());
  const auto definitions = [](const std::string& id) -> Json {
    return {{"service", {{"id", id}, {"name", "db"}, {"port", 5432}}}};
  };
  Agent dies({.server_url = server.Url(),
              .node = "dies",
              .definitions = definitions("db-1"),
              .more_flags = {"--node-ttl", "2s"}});
  Agent lives({.server_url = server.Url(),
               .node = "lives",
               .definitions = definitions("db-2"),
               .more_flags = {"--node-ttl", "2s"}});
  dies.Start();
  lives.Start();
  ASSERT_TRUE(Eventually([&] { return server.PassingInstances("db").size() == 2; }));
  dies.Kill();
  EXPECT_TRUE(Eventually([&] { return server.PassingInstances("db").size() == 1; }, seconds(3)));
  EXPECT_THAT(server.PassingInstances("db"), ElementsAre("db-2"));
  // The registry going away and coming back changes nothing for an agent that lives.
  server.Kill();
  ASSERT_TRUE(server.Start());
  EXPECT_FALSE(Eventually([&] { return server.PassingInstances("db").empty(); }, seconds(4)));
}

}  // namespace
}  // namespace rollcall::e2e
