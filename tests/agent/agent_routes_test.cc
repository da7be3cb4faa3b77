// What the agent answers about itself and its host. What a recorded Consul answered is compared in
// tests/conformance.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <future>
#include <nlohmann/json.hpp>

#include "tests/agent/agent_fixture.h"

namespace rollcall::agent {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class AgentRoutesTest : public AgentTest {
 protected:
  // Another connection, for a request that waits.
  std::future<httplib::Result> Begin(const std::string& path) {
    return std::async(std::launch::async, [port = agent_->http_port(), path] {
      httplib::Client client("127.0.0.1", port);
      client.set_read_timeout(std::chrono::seconds(20));
      return client.Get(path);
    });
  }

  // "200 text".
  std::string Said(const std::string& path) {
    const auto result = client_->Get(path);
    return result ? std::to_string(result->status) + " " + result->body : "no answer";
  }
};

TEST_F(AgentRoutesTest, SelfHasTheShapeThatClientsRead) {
  ASSERT_TRUE(Eventually([&] { return Get("/v1/agent/self")["Config"]["Datacenter"] == "dc1"; }));
  Put("/v1/agent/check/register", R"({"Name": "mem", "TTL": "10s"})");
  const json self = Get("/v1/agent/self");
  EXPECT_EQ(self["Config"]["Server"], false);
  EXPECT_EQ(self["DebugConfig"]["HTTPPort"], agent_->http_port());
  EXPECT_EQ(self["DebugConfig"]["AdvertiseAddrLAN"], "10.0.0.1");
  EXPECT_EQ(self["Member"]["Name"], "n1");
  EXPECT_EQ(self["Member"]["Tags"]["role"], "node");
  EXPECT_EQ(self["Stats"]["agent"]["services"], "1");
  EXPECT_EQ(self["Stats"]["agent"]["check_ttls"], "1");
  EXPECT_EQ(self["Stats"]["consul"]["server"], "false");
}

TEST_F(AgentRoutesTest, ServiceReadWaitsForAnotherContent) {
  const std::string hash = Get("/v1/agent/service/from-file")["ContentHash"];
  auto waiting = Begin("/v1/agent/service/from-file?wait=15s&hash=" + hash);
  EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout);
  Put("/v1/agent/service/register", R"({"Name": "other"})");
  EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout);
  Put("/v1/agent/service/register", R"({"Name": "from-file", "Port": 81})");
  const httplib::Result result = waiting.get();
  ASSERT_TRUE(result);
  EXPECT_EQ(json::parse(result->body)["Port"], 81);
  EXPECT_NE(result->get_header_value("X-Consul-ContentHash"), hash);
}

TEST_F(AgentRoutesTest, ServiceReadEndsWithItsTimeAndWithItsService) {
  const std::string hash = Get("/v1/agent/service/from-file")["ContentHash"];
  EXPECT_EQ(
      json::parse(
          Begin("/v1/agent/service/from-file?wait=50ms&hash=" + hash).get()->body)["ContentHash"],
      hash);
  auto waiting = Begin("/v1/agent/service/from-file?wait=15s&hash=" + hash);
  EXPECT_EQ(waiting.wait_for(std::chrono::milliseconds(300)), std::future_status::timeout);
  Put("/v1/agent/service/deregister/from-file");
  EXPECT_EQ(waiting.get()->status, 404);
}

TEST_F(AgentRoutesTest, ClientsThatGoAwayAreNotWaitedFor) {
  const std::string hash = Get("/v1/agent/service/from-file")["ContentHash"];
  for (int i = 0; i < 20; ++i) {
    httplib::Client client("127.0.0.1", agent_->http_port());
    client.set_read_timeout(std::chrono::milliseconds(1));
    EXPECT_FALSE(client.Get("/v1/agent/service/from-file?hash=" + hash));
  }
  Put("/v1/agent/service/register", R"({"Name": "from-file", "Port": 81})");
  EXPECT_EQ(Get("/v1/agent/service/from-file")["Port"], 81);
}

TEST_F(AgentRoutesTest, MaintenanceReachesTheRegistryAndEnds) {
  EXPECT_EQ(Put("/v1/agent/maintenance?enable=true&reason=disk"), "200 ");
  ASSERT_TRUE(
      Eventually([&] { return registry_.StatusOf("n1", "_node_maintenance") == "critical"; }));
  EXPECT_EQ(registry_.CheckOf("n1", "_node_maintenance").notes, "disk");
  EXPECT_THAT(Said("/v1/agent/health/service/name/from-file?format=text"), "503 maintenance");
  EXPECT_EQ(Put("/v1/agent/maintenance?enable=true&reason=other"), "200 ");
  EXPECT_EQ(Get("/v1/agent/checks")["_node_maintenance"]["Notes"], "disk");
  EXPECT_EQ(Put("/v1/agent/maintenance?enable=false"), "200 ");
  EXPECT_TRUE(Eventually([&] { return registry_.StatusOf("n1", "_node_maintenance").empty(); }));
}

TEST_F(AgentRoutesTest, CheckOfOthersWithTheIdOfMaintenanceIsNone) {
  Put("/v1/agent/service/register", R"({"Name": "db"})");
  const std::string id = "_service_maintenance:from-file";
  ASSERT_EQ(
      Put("/v1/agent/check/register",
          json{{"ID", id}, {"Name", "x"}, {"TTL", "1h"}, {"Status", "passing"}, {"ServiceID", "db"}}
              .dump()),
      "200 ");
  EXPECT_EQ(Put("/v1/agent/service/maintenance/from-file?enable=false"), "200 ");
  EXPECT_EQ(Get("/v1/agent/checks")[id]["ServiceID"], "db");
  EXPECT_EQ(Put("/v1/agent/service/maintenance/from-file?enable=true"), "200 ");
  const json check = Get("/v1/agent/checks")[id];
  EXPECT_EQ(check["ServiceID"], "from-file");
  EXPECT_EQ(check["Status"], "critical");
  EXPECT_EQ(Put("/v1/agent/service/maintenance/from-file?enable=false"), "200 ");
  EXPECT_FALSE(Get("/v1/agent/checks").contains(id));
}

TEST_F(AgentRoutesTest, NobodyCanPassAMaintenanceCheck) {
  Put("/v1/agent/maintenance?enable=true");
  EXPECT_THAT(Put("/v1/agent/check/pass/_node_maintenance"), StartsWith("400 "));
}

TEST_F(AgentRoutesTest, TellsVersionAndHost) {
  EXPECT_EQ(Get("/v1/agent/version")["HumanVersion"], "1.2.3");
  EXPECT_GT(Get("/v1/agent/host")["Memory"]["total"], 0);
}

TEST_F(AgentRoutesTest, TellsMetricsInBothForms) {
  ASSERT_TRUE(Eventually([&] { return registry_.HasNode("n1"); }));
  const std::string text = Said("/v1/agent/metrics?format=prometheus");
  EXPECT_THAT(text, HasSubstr("\nrollcall_agent_services 1\n"));
  EXPECT_THAT(text, HasSubstr("\nrollcall_agent_checks{status=\"critical\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("rollcall_build_info{version=\"1.2.3\""));
  EXPECT_TRUE(Eventually([&] {
    return Said("/v1/agent/metrics?format=prometheus")
               .find("\nrollcall_agent_registry_connected 1\n") != std::string::npos;
  }));
  EXPECT_THAT(text, HasSubstr("\nrollcall_agent_cached_reads_total{result=\"hit\"} 0\n"));
  EXPECT_TRUE(Get("/v1/agent/metrics")["Gauges"].is_array());
  EXPECT_THAT(Said("/v1/agent/metrics?format=xml"), StartsWith("400 "));
}

TEST_F(AgentRoutesTest, RefusesNamespaces) {
  EXPECT_THAT(Said("/v1/agent/services?ns=a"), StartsWith("400 Invalid query parameter"));
}

TEST_F(AgentRoutesTest, SaysThatItIsAnAgent) { EXPECT_EQ(Said("/"), "200 Consul Agent"); }

TEST_F(AgentRoutesTest, UnknownPathsOfAgentsAreNotFound) {
  EXPECT_THAT(Said("/v1/agent/nonsense"), StartsWith("404"));
}

TEST_F(AgentRoutesTest, MembersOfAnAgentThatAsksItselfAreAnsweredAtOnce) {
  const auto result = client_->Get("/v1/agent/members", {{"Via", "1.1 n1"}});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, 508);
}

TEST_F(AgentRoutesTest, LeaveIsAnsweredAndEndsTheProgram) {
  EXPECT_EQ(Put("/v1/agent/leave"), "200 ");
  thread_.join();
  EXPECT_TRUE(loop_.stopped());
}

}  // namespace
}  // namespace rollcall::agent
