#include <gmock/gmock.h>

#include "tests/api/agent_fixture.h"

namespace rollcall::api {
namespace {

using nlohmann::json;

using AgentMembersTest = AgentApiTest;

TEST_F(AgentMembersTest, TheServerAndTheNodesOfAgentsAreMembers) {
  RegisterServersOwn();
  RegisterAgentsNode("m", "passing");
  Put("/v1/catalog/register", {{"Node", "external"}, {"Address", "10.0.0.9"}});
  const json members = Get("/v1/agent/members").json();
  ASSERT_EQ(members.size(), 2u);
  EXPECT_EQ(members[0]["Name"], "n1");
  EXPECT_EQ(members[0]["Addr"], "127.0.0.1");
  EXPECT_EQ(members[0]["Port"], 8301);
  EXPECT_EQ(members[0]["Status"], 1);
  EXPECT_EQ(members[0]["Tags"]["role"], "consul");
  EXPECT_EQ(members[0]["Tags"]["dc"], "dc1");
  EXPECT_EQ(members[1]["Name"], "m");
  EXPECT_EQ(members[1]["Addr"], "10.0.0.7");
  EXPECT_EQ(members[1]["Port"], 8301);
  EXPECT_EQ(members[1]["Tags"]["role"], "node");
  EXPECT_EQ(members[1]["Tags"]["id"], "40e4a748-2192-161a-0510-9bf59fe950b5");
  for (const json& member : members) {
    // What the Go client decodes: numbers, and texts in the tags.
    for (const char* number : {"Status", "ProtocolMin", "ProtocolMax", "ProtocolCur", "DelegateMin",
                               "DelegateMax", "DelegateCur"}) {
      EXPECT_TRUE(member[number].is_number_unsigned()) << number;
    }
    for (const auto& [name, value] : member["Tags"].items()) EXPECT_TRUE(value.is_string()) << name;
  }
}

TEST_F(AgentMembersTest, AMemberHasFailedWhenItsNodeIsNoLongerAlive) {
  const std::vector<std::pair<const char*, int>> cases = {
      {"passing", 1}, {"warning", 1}, {"critical", 4}};
  for (const auto& [status, number] : cases) {
    RegisterAgentsNode("m", status);
    EXPECT_EQ(Get("/v1/agent/members").json()[1]["Status"], number) << status;
  }
}

TEST_F(AgentMembersTest, OnlyServersAreSeenInTheWan) {
  RegisterAgentsNode("m", "passing");
  const json members = Get("/v1/agent/members?wan=1").json();
  ASSERT_EQ(members.size(), 1u);
  EXPECT_EQ(members[0]["Name"], "n1.dc1");
  EXPECT_EQ(members[0]["Port"], 8302);
}

TEST_F(AgentMembersTest, AnotherServerOfTheStoreIsOneToo) {
  RegisterServersOwn();
  RegisterAgentsNode("m", "passing");
  Put("/v1/catalog/register", {{"Node", "other"},
                               {"Address", "10.0.0.8"},
                               {"Service", {{"Service", "consul"}}},
                               {"Check", {{"CheckID", "serfHealth"}, {"Status", "critical"}}}});
  const json members = Get("/v1/agent/members").json();
  ASSERT_EQ(members.size(), 3u);
  EXPECT_EQ(members[1]["Name"], "m");
  EXPECT_EQ(members[1]["Tags"]["role"], "node");
  EXPECT_EQ(members[2]["Name"], "other");
  EXPECT_EQ(members[2]["Status"], 4);
  EXPECT_EQ(members[2]["Tags"]["role"], "consul");
  EXPECT_EQ(members[2]["Tags"]["build"], members[0]["Tags"]["build"]);
  const json servers = Get("/v1/agent/members?wan=1").json();
  ASSERT_EQ(servers.size(), 2u);
  EXPECT_EQ(servers[0]["Name"], "n1.dc1");
  EXPECT_EQ(servers[1]["Name"], "other.dc1");
}

TEST_F(AgentMembersTest, ThereIsOnlyTheDefaultSegment) {
  EXPECT_EQ(Get("/v1/agent/members?segment=").status, 200);
  EXPECT_EQ(Get("/v1/agent/members?segment=_all").status, 200);
  const Answer other = Get("/v1/agent/members?segment=alpha");
  EXPECT_EQ(other.status, 400);
  EXPECT_EQ(other.body, "Network segments are not supported in this version of Consul");
  EXPECT_EQ(Get("/v1/agent/members?wan=1&segment=alpha").body,
            "Cannot provide a segment with wan=true");
}

TEST_F(AgentMembersTest, JoiningIsAcceptedAndDoesNothing) {
  const std::string before = Get("/v1/catalog/nodes").body;
  EXPECT_EQ(Put("/v1/agent/join/10.0.0.5").status, 200);
  EXPECT_EQ(Put("/v1/agent/join/10.0.0.5:8301?wan=1").body, "");
  EXPECT_EQ(Put("/v1/agent/join/").status, 400);
  EXPECT_EQ(Get("/v1/catalog/nodes").body, before);
}

TEST_F(AgentMembersTest, ForceLeaveRemovesAFailedNodeAndNoOther) {
  RegisterAgentsNode("m", "passing");
  EXPECT_EQ(Put("/v1/agent/force-leave/m").status, 200);
  EXPECT_EQ(Get("/v1/catalog/service/web").json().size(), 1u);
  RegisterAgentsNode("m", "critical");
  EXPECT_EQ(Put("/v1/agent/force-leave/m?prune").status, 200);
  EXPECT_EQ(Get("/v1/catalog/service/web").body, "[]");
  EXPECT_EQ(Get("/v1/catalog/nodes").json().size(), 1u);
  const Answer gone = Put("/v1/agent/force-leave/m");
  EXPECT_EQ(gone.status, 404);
  EXPECT_EQ(gone.body, "agent: No node found with name 'm'");
}

TEST_F(AgentMembersTest, ForceLeaveNeverRemovesTheServer) {
  Put("/v1/catalog/register", {{"Node", "n1"},
                               {"Address", "127.0.0.1"},
                               {"Check", {{"CheckID", "serfHealth"}, {"Status", "critical"}}}});
  for (const char* name : {"n1", "N1"}) {
    EXPECT_EQ(Put(std::string("/v1/agent/force-leave/") + name).status, 200);
  }
  EXPECT_EQ(Get("/v1/catalog/nodes").json().size(), 1u);
}

}  // namespace
}  // namespace rollcall::api
