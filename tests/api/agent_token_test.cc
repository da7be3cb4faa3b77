// The tokens that a server uses where a request brings none.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/api/access_fixture.h"

namespace rollcall::api {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kSeeAllRules =
    R"(service_prefix "" { policy = "read" }  node_prefix "" { policy = "read" })";

class AgentTokenTest : public AccessApiTest {};

TEST_F(AgentTokenTest, DefaultTokenIsThatOfWhoPresentsNone) {
  PutRules("reader", kSeeAllRules);
  EXPECT_EQ(Get("/v1/catalog/nodes").body, "[]");
  for (const char* kind : {"default", "acl_token"}) {
    const std::string path = std::string("/v1/agent/token/") + kind;
    EXPECT_EQ(PutAs("management", path, {{"Token", "reader"}}).status, 200);
    EXPECT_NE(Get("/v1/catalog/nodes").body, "[]");
    EXPECT_EQ(PutAs("management", path, {{"Token", ""}}).status, 200);
    EXPECT_EQ(Get("/v1/catalog/nodes").body, "[]");
  }
}

TEST_F(AgentTokenTest, OthersChangeNothingHere) {
  for (const char* kind : {"agent", "dns", "replication", "acl_agent_token"}) {
    const std::string path = std::string("/v1/agent/token/") + kind;
    EXPECT_EQ(PutAs("management", path, {{"Token", "management"}}).status, 200);
    EXPECT_EQ(Get("/v1/catalog/nodes").body, "[]");
  }
}

TEST_F(AgentTokenTest, DnsAnswersByItsOwnElseByTheDefaultOne) {
  std::vector<std::string> told;
  shared().tokens.on_dns = [&told](const std::string& secret) { told.push_back(secret); };
  const auto set = [this](const char* kind, const char* secret) {
    EXPECT_EQ(
        PutAs("management", std::string("/v1/agent/token/") + kind, {{"Token", secret}}).status,
        200);
  };
  set("default", "d");
  set("dns", "n");
  set("default", "e");
  set("dns", "");
  EXPECT_THAT(told, testing::ElementsAre("d", "n", "n", "e"));
}

TEST_F(AgentTokenTest, WhatIsWrongIsSaidAndNothingChanges) {
  EXPECT_EQ(PutAs("management", "/v1/agent/token/nonsense", {{"Token", "x"}}).status, 404);
  EXPECT_EQ(PutAs("management", "/v1/agent/token/", {{"Token", "x"}}).status, 404);
  for (const nlohmann::json& body :
       {nlohmann::json(7), nlohmann::json{{"Token", 7}}, nlohmann::json{{"Secret", "hunter2"}}}) {
    const Answer answer = PutAs("management", "/v1/agent/token/default", body);
    EXPECT_EQ(answer.status, 400);
    EXPECT_THAT(answer.body, Not(HasSubstr("hunter2")));
  }
  EXPECT_EQ(*shared().tokens.Default(), "");
  PutRules("agent-reader", R"(agent "n1" { policy = "read" })");
  EXPECT_EQ(PutAs("agent-reader", "/v1/agent/token/default", {{"Token", "x"}}).status, 403);
}

class OpenAgentTokenTest : public ApiTest {};

TEST_F(OpenAgentTokenTest, NeedsAccessControl) {
  const Answer answer = Put("/v1/agent/token/default", {{"Token", "x"}});
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.body, "ACL support disabled");
}

}  // namespace
}  // namespace rollcall::api
