#include "registry/acl/objects/requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tests/registry/acl_objects/samples.h"

namespace rollcall::acl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(RequestsTest, ReadsAllThatATokenCanSay) {
  const auto token = ParseTokenRequest(R"({
      "AccessorID": "DDDDDDDD-0000-4000-8000-000000000001",
      "SecretID": "B1C2D3E4-0000-4000-8000-000000000001",
      "Description": "d",
      "Policies": [{"ID": "AAAAAAAA-0000-4000-8000-000000000001"}, {"Name": "web-read"}],
      "Roles": [{"ID": "cccccccc-0000-4000-8000-000000000001", "Name": "webs"}],
      "ServiceIdentities": [{"ServiceName": "web", "Datacenters": ["dc2", "dc1"]}],
      "NodeIdentities": [{"NodeName": "n1", "Datacenter": "dc1"}],
      "Local": false, "AuthMethod": "m",
      "ExpirationTTL": "90m",
      "ExpirationTime": "2026-11-26T21:15:34+01:00"})");
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->accessor_id, "dddddddd-0000-4000-8000-000000000001");
  EXPECT_EQ(token->secret_id, "B1C2D3E4-0000-4000-8000-000000000001") << "a secret has a case";
  EXPECT_EQ(token->description, "d");
  EXPECT_THAT(token->policies,
              ElementsAre(LinkRequest{kPolicyId, ""}, LinkRequest{"", "web-read"}));
  EXPECT_THAT(token->roles, ElementsAre(LinkRequest{kRoleId, "webs"}));
  EXPECT_THAT(token->service_identities, ElementsAre(ServiceIdentity{"web", {"dc1", "dc2"}}));
  EXPECT_THAT(token->node_identities, ElementsAre(NodeIdentity{"n1", "dc1"}));
  EXPECT_FALSE(token->local);
  EXPECT_EQ(token->auth_method, "m");
  EXPECT_EQ(token->expiration_ttl, std::chrono::minutes(90));
  EXPECT_EQ(token->expiration_time, At("2026-11-26T20:15:34Z"));
}

TEST(RequestsTest, ATokenNeedSayNothing) {
  for (const char* body : {"{}", R"({"Policies": null, "ExpirationTime": null, "Local": null})",
                           R"({"ExpirationTime": "0001-01-01T00:00:00Z", "ExpirationTTL": 0})"}) {
    const auto token = ParseTokenRequest(body);
    ASSERT_TRUE(token) << body << ": " << token.error().message;
    EXPECT_THAT(token->policies, IsEmpty());
    EXPECT_FALSE(token->expiration_time);
  }
}

// What `consul acl token update` does: it reads, changes, and writes all of it back.
TEST(RequestsTest, AnAnswerCanBeSentBack) {
  const auto token = ParseTokenRequest(R"({
      "CreateIndex": 7, "ModifyIndex": 8, "CreateTime": "2026-11-26T20:15:34Z",
      "AccessorID": "dddddddd-0000-4000-8000-000000000001", "SecretID": "<hidden>",
      "Description": "d", "Local": true,
      "Hash": "UuiRkOQPRCvoRZHRtUxxbrmwZ5crYrOdZ0Z1FTFbTbA="})");
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->secret_id, "");
  EXPECT_TRUE(ParsePolicyRequest(R"({"Name": "p", "Hash": "aa", "CreateIndex": 1})"));
  EXPECT_TRUE(ParseRoleRequest(R"({"Name": "r", "Hash": "aa", "ModifyIndex": 1})"));
}

TEST(RequestsTest, MembersMayBeInAnyCaseAndATtlInNanoseconds) {
  const auto token = ParseTokenRequest(R"({"description": "d", "EXPIRATIONTTL": 60000000000})");
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_EQ(token->description, "d");
  EXPECT_EQ(token->expiration_ttl, std::chrono::minutes(1));
}

TEST(RequestsTest, IdentitiesOfOneNameAreMergedToTheWiderOne) {
  const auto token = ParseTokenRequest(R"({
      "ServiceIdentities": [{"ServiceName": "web", "Datacenters": ["dc2"]},
                            {"ServiceName": "api", "Datacenters": ["dc1"]},
                            {"ServiceName": "web", "Datacenters": ["dc1", "dc2"]},
                            {"ServiceName": "api"},
                            {"ServiceName": "api", "Datacenters": ["dc3"]}],
      "NodeIdentities": [{"NodeName": "n", "Datacenter": "dc2"},
                         {"NodeName": "n", "Datacenter": "dc1"},
                         {"NodeName": "n", "Datacenter": "dc2"}]})");
  ASSERT_TRUE(token) << token.error().message;
  EXPECT_THAT(token->service_identities,
              ElementsAre(ServiceIdentity{"api", {}}, ServiceIdentity{"web", {"dc1", "dc2"}}));
  EXPECT_THAT(token->node_identities,
              ElementsAre(NodeIdentity{"n", "dc1"}, NodeIdentity{"n", "dc2"}));
}

TEST(RequestsTest, ReadsAllThatAPolicyCanSay) {
  const auto policy = ParsePolicyRequest(R"({
      "ID": "AAAAAAAA-0000-4000-8000-000000000001", "Name": "web-read", "Description": "reads web",
      "Rules": "service \"web\" { policy = \"read\" }", "Datacenters": ["dc1"]})");
  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_EQ(*policy, FullPolicy());
}

TEST(RequestsTest, ReadsAllThatARoleCanSay) {
  const auto role = ParseRoleRequest(R"({
      "ID": "cccccccc-0000-4000-8000-000000000001", "Name": "webs", "Description": "all",
      "Policies": [{"Name": "web-read"}],
      "ServiceIdentities": [{"ServiceName": "web", "Datacenters": ["dc1"]}],
      "NodeIdentities": [{"NodeName": "n1", "Datacenter": "dc1"}]})");
  ASSERT_TRUE(role) << role.error().message;
  EXPECT_EQ(role->id, kRoleId);
  EXPECT_EQ(role->name, "webs");
  EXPECT_EQ(role->description, "all");
  EXPECT_THAT(role->policies, ElementsAre(LinkRequest{"", "web-read"}));
  EXPECT_THAT(role->service_identities, ElementsAre(ServiceIdentity{"web", {"dc1"}}));
  EXPECT_THAT(role->node_identities, ElementsAre(NodeIdentity{"n1", "dc1"}));
}

// Consul's patterns: ^[A-Za-z0-9\-_]{1,128}$, and up to 256 for roles.
TEST(RequestsTest, NamesHaveConsulsFormAndLength) {
  const auto body = [](const std::string& name) { return "{\"Name\": \"" + name + "\"}"; };
  for (const std::string& name :
       {std::string("a"), std::string("-"), std::string("A_z-09"), std::string(128, 'x')}) {
    EXPECT_TRUE(ParsePolicyRequest(body(name))) << name;
    EXPECT_TRUE(ParseRoleRequest(body(name))) << name;
  }
  EXPECT_FALSE(ParsePolicyRequest(body(std::string(129, 'x'))));
  EXPECT_TRUE(ParseRoleRequest(body(std::string(256, 'x'))));
  EXPECT_FALSE(ParseRoleRequest(body(std::string(257, 'x'))));
  for (const std::string& name :
       {std::string(""), std::string("a b"), std::string("a.b"), std::string("a/b"),
        std::string("a\\n"), std::string("\\u0000"), std::string("\xc3\xa9")}) {
    const auto policy = ParsePolicyRequest(body(name));
    ASSERT_FALSE(policy) << name;
    EXPECT_THAT(policy.error().message, HasSubstr("Invalid Policy: "));
    const auto role = ParseRoleRequest(body(name));
    ASSERT_FALSE(role) << name;
    EXPECT_THAT(role.error().message, HasSubstr("Invalid Role: "));
  }
}

TEST(RequestsTest, BadRulesAreRefusedWithTheirPlace) {
  const auto policy = ParsePolicyRequest(
      R"({"Name": "p", "Rules": "node \"a\" { policy = \"read\" }\nsevice \"web\" {}"})");
  ASSERT_FALSE(policy);
  EXPECT_EQ(policy.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(policy.error().message, HasSubstr("line 2, column 1: unknown resource \"sevice\""));
}

}  // namespace
}  // namespace rollcall::acl
