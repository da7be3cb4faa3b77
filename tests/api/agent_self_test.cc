#include <gmock/gmock.h>

#include "tests/api/agent_fixture.h"

namespace rollcall::api {
namespace {

using nlohmann::json;

using AgentSelfTest = AgentApiTest;

TEST_F(AgentSelfTest, SaysWhatClientsReadOfIt) {
  Put("/v1/catalog/register", {{"Node", "n1"},
                               {"Address", "127.0.0.1"},
                               {"ID", "40e4a748-2192-161a-0510-9bf59fe950b5"},
                               {"NodeMeta", {{"rack", "r1"}}}});
  const json self = Get("/v1/agent/self").json();
  EXPECT_EQ(self["Config"], json({{"Datacenter", "dc1"},
                                  {"NodeName", "n1"},
                                  {"NodeID", "40e4a748-2192-161a-0510-9bf59fe950b5"},
                                  {"Revision", ""},
                                  {"Server", true},
                                  {"Version", "test"}}));
  EXPECT_EQ(self["Member"], Get("/v1/agent/members").json()[0]);
  EXPECT_EQ(self["Member"]["Name"], "n1");
  EXPECT_EQ(self["Meta"], json({{"rack", "r1"}}));
  EXPECT_EQ(self["Coord"], json({{"Vec", {0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0}},
                                 {"Error", 1.5},
                                 {"Adjustment", 0.0},
                                 {"Height", 1e-5}}));
  EXPECT_EQ(self["DebugConfig"]["HTTPPort"], 8500);
  EXPECT_EQ(self["DebugConfig"]["HTTPSPort"], -1);
  EXPECT_EQ(self["DebugConfig"]["AdvertiseAddrLAN"], "127.0.0.1");
}

TEST_F(AgentSelfTest, SaysWhereTheNodeIsInTheNetwork) {
  model::UpdateCoordinate update;
  update.coordinate.node = "n1";
  update.coordinate.vec[0] = 0.25;
  ASSERT_TRUE(catalog().SubmitAndWait(update));
  EXPECT_EQ(Get("/v1/agent/self").json()["Coord"]["Vec"][0], 0.25);
}

TEST_F(AgentSelfTest, CountsWhatIsRegisteredOnTheNode) {
  RegisterServersOwn();
  RegisterService({{"Name", "web"}, {"Check", {{"TTL", "30s"}}}});
  Put("/v1/agent/check/register", {{"Name", "x"}, {"TCP", "127.0.0.1:1"}, {"Interval", "10s"}});
  const json stats = Get("/v1/agent/self").json()["Stats"];
  EXPECT_EQ(
      stats["agent"],
      json({{"check_monitors", "0"}, {"check_ttls", "1"}, {"checks", "2"}, {"services", "1"}}));
  EXPECT_EQ(stats["consul"]["leader_addr"], "127.0.0.1:8300");
  EXPECT_EQ(stats["serf_lan"]["members"], "1");
}

TEST_F(AgentSelfTest, AnswersWithoutANodeOfItsOwn) {
  ASSERT_EQ(Put("/v1/catalog/deregister", {{"Node", "n1"}}).status, 200);
  const json self = Get("/v1/agent/self").json();
  EXPECT_EQ(self["Config"]["NodeName"], "n1");
  EXPECT_EQ(self["Config"]["NodeID"], "");
  EXPECT_EQ(self["Meta"], json::object());
}

TEST_F(AgentSelfTest, TheRootSaysConsulAgent) {
  const Answer root = Get("/");
  EXPECT_EQ(root.status, 200);
  EXPECT_EQ(root.body, "Consul Agent");
  EXPECT_EQ(root.Header("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(Get("/nosuch").status, 404);
  EXPECT_EQ(Put("/").status, 405);
}

}  // namespace
}  // namespace rollcall::api
