// DeregisterCriticalServiceAfter, from one second up, whichever way the service came in.
#include <gtest/gtest.h>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

// What /v1/health/service shows: passing or not.
size_t Instances(Server& server, const std::string& service) {
  return server.Get("/v1/health/service/" + service).json().size();
}

testing::AssertionResult LeavesAfterASecond(Server& server, const std::string& service,
                                            Clock::time_point critical_since) {
  if (!Eventually([&] { return Instances(server, service) == 0; }, seconds(6))) {
    return testing::AssertionFailure() << service << " is still there";
  }
  if (Clock::now() - critical_since < seconds(1)) {
    return testing::AssertionFailure() << service << " went too soon";
  }
  return testing::AssertionSuccess();
}

TEST(DeregisterCriticalTest, RegisteredInTheCatalog) {
  Server server;
  ASSERT_TRUE(server.Start());
  const auto body = [](const char* id, const char* status) -> Json {
    return {{"Node", "host"},
            {"Address", "10.0.0.1"},
            {"Service", {{"ID", id}, {"Service", id}, {"Port", 80}}},
            {"Check",
             {{"CheckID", std::string("check-") + id},
              {"Name", "c"},
              {"Status", status},
              {"ServiceID", id},
              {"Definition", {{"DeregisterCriticalServiceAfter", "1s"}}}}}};
  };
  const auto since = Clock::now();
  ASSERT_TRUE(server.Put("/v1/catalog/register", body("ill", "critical")).ok());
  ASSERT_TRUE(server.Put("/v1/catalog/register", body("well", "passing")).ok());
  ASSERT_EQ(Instances(server, "ill"), 1u);
  EXPECT_TRUE(LeavesAfterASecond(server, "ill", since));
  EXPECT_EQ(Instances(server, "well"), 1u);
  const auto later = Clock::now();
  ASSERT_TRUE(server.Put("/v1/catalog/register", body("well", "critical")).ok());
  EXPECT_TRUE(LeavesAfterASecond(server, "well", later));
  EXPECT_FALSE(server.Get("/v1/catalog/node/host").json().is_null());
}

TEST(DeregisterCriticalTest, RegisteredAtTheServersAgentApi) {
  Server server;
  ASSERT_TRUE(server.Start());
  const auto since = Clock::now();
  ASSERT_TRUE(server
                  .Put("/v1/agent/service/register", {{"Name", "web"},
                                                      {"Port", 80},
                                                      {"Check",
                                                       {{"CheckID", "alive"},
                                                        {"TTL", "1s"},
                                                        {"Status", "passing"},
                                                        {"DeregisterCriticalServiceAfter", "1s"}}}})
                  .ok());
  EXPECT_EQ(server.PassingInstances("web").size(), 1u);
  // A TTL of one second, and then one second of being critical.
  EXPECT_TRUE(LeavesAfterASecond(server, "web", since + seconds(1)));
  EXPECT_FALSE(server.Get("/v1/agent/services").json().contains("web"));
}

TEST(DeregisterCriticalTest, HeartbeatsKeepItRegistered) {
  Server server;
  ASSERT_TRUE(server.Start());
  ASSERT_TRUE(
      server
          .Put("/v1/agent/service/register",
               {{"Name", "web"},
                {"Check",
                 {{"CheckID", "alive"}, {"TTL", "1s"}, {"DeregisterCriticalServiceAfter", "1s"}}}})
          .ok());
  const auto end = Clock::now() + seconds(4);
  while (Clock::now() < end) {
    ASSERT_TRUE(server.Put("/v1/agent/check/pass/alive").ok());
    std::this_thread::sleep_for(milliseconds(200));
  }
  EXPECT_EQ(server.PassingInstances("web").size(), 1u);
}

TEST(DeregisterCriticalTest, DefinedForAnAgent) {
  Server server;
  ASSERT_TRUE(server.Start());
  Agent agent({.server_url = server.Url(),
               .definitions = {{"services",
                                {{{"name", "web"},
                                  {"check",
                                   {{"check_id", "alive"},
                                    {"ttl", "1s"},
                                    {"status", "passing"},
                                    {"deregister_critical_service_after", "1s"}}}},
                                 {{"name", "other"}}}}}});
  agent.Start();
  ASSERT_TRUE(Eventually([&] { return server.PassingInstances("web").size() == 1; }));
  ASSERT_TRUE(Eventually(
      [&] { return Instances(server, "web") == 1 && server.PassingInstances("web").empty(); }));
  EXPECT_TRUE(Eventually([&] { return Instances(server, "web") == 0; }, seconds(6)));
  // For good: the agent's own repair of the registry does not bring it back.
  EXPECT_FALSE(Eventually([&] { return Instances(server, "web") != 0; }, seconds(3)));
  EXPECT_EQ(Instances(server, "other"), 1u);
}

}  // namespace
}  // namespace rollcall::e2e
