// GET /v1/internal/acl/rules: what an agent learns of a token that its client presents.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "registry/acl/objects/grants.h"
#include "registry/acl/rule_parser.h"
#include "registry/acl/rule_writer.h"
#include "tests/api/access_fixture.h"

namespace rollcall::api {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kRulesPath = "/v1/internal/acl/rules";

// What an agent makes of the answer.
acl::Authorizer Compiled(const json& answer) {
  std::vector<acl::Rules> rules;
  for (const std::string text : answer["Rules"]) {
    const auto parsed = acl::ParseRules(text, acl::kMaxWrittenSize);
    EXPECT_TRUE(parsed) << parsed.error().message;
    if (parsed) rules.push_back(*parsed);
  }
  return acl::Compile(rules, answer["DefaultPolicy"] == "allow" ? acl::DefaultPolicy::kAllow
                                                                : acl::DefaultPolicy::kDeny);
}

using AccessRulesTest = AccessApiTest;

TEST_F(AccessRulesTest, SaysWhatPoliciesRolesAndIdentitiesGrant) {
  PutAcl(acl::WritePolicy({"aaaaaaaa-0000-4000-8000-000000000001",
                           "own",
                           "told to nobody",
                           R"(service "we\"b" { policy = "write" } operator = "read")",
                           {}}));
  PutAcl(acl::WritePolicy({"aaaaaaaa-0000-4000-8000-000000000002",
                           "of-role",
                           "",
                           R"({"service_prefix": {"db-": {"policy": "deny"}}})",
                           {}}));
  acl::Role role;
  role.id = "bbbbbbbb-0000-4000-8000-000000000001";
  role.name = "role";
  role.policy_ids = {"aaaaaaaa-0000-4000-8000-000000000002"};
  role.node_identities = {{"n9", "dc1"}, {"n10", "elsewhere"}};
  PutAcl(acl::WriteRole(role));
  acl::Token token;
  token.policy_ids = {"aaaaaaaa-0000-4000-8000-000000000001"};
  token.role_ids = {role.id};
  token.service_identities = {{"api", {}}};
  PutToken("s", token);

  const Answer answer = GetAs("s", kRulesPath);
  ASSERT_EQ(answer.status, 200) << answer.body;
  const json body = answer.json();
  EXPECT_EQ(body["AccessorID"], AccessorOf("s"));
  EXPECT_EQ(body["DefaultPolicy"], "deny");
  EXPECT_FALSE(body.contains("ExpirationTime"));
  EXPECT_EQ(body["Rules"].size(), 4U);
  EXPECT_THAT(answer.body, Not(HasSubstr("told to nobody")));
  const acl::Authorizer may = Compiled(body);
  EXPECT_TRUE(may.MayWrite(acl::Resource::kService, "we\"b"));
  EXPECT_TRUE(may.MayRead(acl::Scalar::kOperator));
  EXPECT_TRUE(may.MayWrite(acl::Resource::kService, "api"));
  EXPECT_FALSE(may.MayRead(acl::Resource::kService, "db-1"));
  EXPECT_TRUE(may.MayRead(acl::Resource::kService, "other"));
  EXPECT_TRUE(may.MayWrite(acl::Resource::kNode, "n9"));
  EXPECT_FALSE(may.MayWrite(acl::Resource::kNode, "n10"));
  EXPECT_FALSE(may.MayWrite(acl::Resource::kService, "other"));
}

TEST_F(AccessRulesTest, IsAsTheCatalogIsNow) {
  PutRules("s", R"(service "web" { policy = "read" })");
  EXPECT_THAT(GetAs("s", kRulesPath).body, HasSubstr("web"));
  PutRules("s", R"(service "db" { policy = "read" })");
  EXPECT_THAT(GetAs("s", kRulesPath).body, HasSubstr("db"));
  RemoveToken("s");
  EXPECT_EQ(GetAs("s", kRulesPath).status, 403);
  EXPECT_EQ(GetAs("s", kRulesPath).body, "ACL not found");
}

TEST_F(AccessRulesTest, TellsWhenATokenExpires) {
  const UtcTime later = UtcTime(std::chrono::system_clock::now()) + std::chrono::hours(1);
  PutRules("s", "", later);
  const std::string text = GetAs("s", kRulesPath).json()["ExpirationTime"];
  EXPECT_EQ(ParseRfc3339(text).value(), later);
  PutRules("gone", "", UtcTime(std::chrono::system_clock::now()) - std::chrono::hours(1));
  EXPECT_EQ(GetAs("gone", kRulesPath).body, "ACL not found");
}

TEST_F(AccessRulesTest, WhoPresentsNoneIsAnonymous) {
  EXPECT_EQ(Get(kRulesPath).json()["AccessorID"], acl::kAnonymousTokenId);
  // As an agent asks, which must not be taken for the bearer of this server's default token.
  EXPECT_EQ(GetAs("anonymous", kRulesPath).json()["AccessorID"], acl::kAnonymousTokenId);
}

TEST_F(AccessRulesTest, LongestPolicyCanBeReadByAnAgent) {
  // Nothing grows more when it is written.
  std::string rules = "service \"";
  const std::string end = "\" { policy = \"write\" }";
  rules += std::string(acl::kMaxRulesSize - rules.size() - end.size(), '\x7f') + end;
  ASSERT_TRUE(acl::ParseRules(rules)) << acl::ParseRules(rules).error().message;
  PutRules("s", rules);
  const json body = GetAs("s", kRulesPath).json();
  const std::string name(acl::kMaxRulesSize - 9 - end.size(), '\x7f');
  EXPECT_TRUE(Compiled(body).MayWrite(acl::Resource::kService, name));
  std::string short_rules;
  while (short_rules.size() + 40 < acl::kMaxRulesSize) {
    short_rules += "key\"" + std::to_string(short_rules.size()) + "\"{policy=\"read\"}";
  }
  ASSERT_TRUE(acl::ParseRules(short_rules)) << acl::ParseRules(short_rules).error().message;
  PutRules("s", short_rules);
  EXPECT_TRUE(Compiled(GetAs("s", kRulesPath).json()).MayRead(acl::Resource::kKey, "0"));
}

TEST_F(AccessRulesTest, DamagedPolicyIsAnErrorAndNoShorterAnswer) {
  PutRules("s", R"(service "web" { policy = "deny" } )");
  const std::string policy = "aaaaaaaa-0000-4000-8000-" + acl::HashSecret("s").substr(0, 12);
  PutAcl({model::AclKind::kPolicy, Text(policy), Text("junk"), {}, {}});
  EXPECT_EQ(GetAs("s", kRulesPath).status, 500);
}

class OpenAccessRulesTest : public ApiTest {};

TEST_F(OpenAccessRulesTest, SaysThatAccessIsNotControlled) {
  const Answer answer = Get(kRulesPath, {{"X-Consul-Token", "whatever"}});
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.body, "ACL support disabled");
}

}  // namespace
}  // namespace rollcall::api
