#include "registry/acl/objects/answers.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "registry/acl/objects/requests.h"
#include "registry/acl/objects/stored.h"
#include "tests/registry/acl_objects/samples.h"

namespace rollcall::acl {
namespace {

using nlohmann::ordered_json;

constexpr Indexes kIndexes = {Index(7), Index(9)};

// kOtherPolicyId is gone.
std::optional<std::string> NameOfSample(model::AclKind kind, std::string_view id) {
  if (kind == model::AclKind::kPolicy && id == kPolicyId) return "web-read";
  if (kind == model::AclKind::kRole && id == kRoleId) return "webs";
  return std::nullopt;
}

// With the member Hash, which is `object`'s, as "H".
std::string TextOf(ordered_json json, const model::AclObject& object) {
  EXPECT_EQ(json["Hash"], ContentHash(object));
  json["Hash"] = "H";
  return json.dump();
}

TEST(AnswersTest, ATokenAsConsulShowsIt) {
  EXPECT_EQ(
      TextOf(TokenJson(FullToken(), kSecret, kIndexes, NameOfSample), WriteToken(FullToken())),
      R"({"AccessorID":"dddddddd-0000-4000-8000-000000000001",)"
      R"("SecretID":"b1c2d3e4-0000-4000-8000-000000000001","Description":"of \"web\"\né",)"
      R"("Policies":[{"ID":"aaaaaaaa-0000-4000-8000-000000000001","Name":"web-read"}],)"
      R"("Roles":[{"ID":"cccccccc-0000-4000-8000-000000000001","Name":"webs"}],)"
      R"("ServiceIdentities":[{"ServiceName":"api","Datacenters":["dc1","dc2"]},{"ServiceName":"web"}],)"
      R"("NodeIdentities":[{"NodeName":"n1","Datacenter":"dc1"}],"Local":true,)"
      R"("AuthMethod":"minikube","ExpirationTime":"2026-11-26T21:15:34.000000123Z",)"
      R"("CreateTime":"2026-11-26T20:15:34.000000123Z","Hash":"H","CreateIndex":7,"ModifyIndex":9})");
}

TEST(AnswersTest, WhatATokenDoesNotHaveIsLeftOut) {
  const Token token = AnonymousToken(At("2026-11-26T20:15:34Z"));
  EXPECT_EQ(TextOf(TokenJson(token, std::nullopt, kIndexes, NameOfSample), WriteToken(token)),
            R"({"AccessorID":"00000000-0000-0000-0000-000000000002","SecretID":"anonymous",)"
            R"("Description":"Anonymous Token","Local":false,"CreateTime":"2026-11-26T20:15:34Z",)"
            R"("Hash":"H","CreateIndex":7,"ModifyIndex":9})");
}

TEST(AnswersTest, ASecretThatIsNotKnownIsHidden) {
  EXPECT_EQ(TokenJson(FullToken(), std::nullopt, kIndexes, NameOfSample)["SecretID"], "<hidden>");
}

TEST(AnswersTest, ListsHaveNoSecretsAndNoHashesOfThem) {
  const ordered_json json = TokenListedJson(FullToken(), kIndexes, NameOfSample);
  EXPECT_FALSE(json.contains("SecretID"));
  EXPECT_EQ(json.dump().find(HashSecret(kSecret)), std::string::npos);
  ordered_json whole = TokenJson(FullToken(), kSecret, kIndexes, NameOfSample);
  whole.erase("SecretID");
  EXPECT_EQ(json, whole);
}

TEST(AnswersTest, APolicyAsConsulShowsIt) {
  EXPECT_EQ(TextOf(PolicyJson(FullPolicy(), kIndexes), WritePolicy(FullPolicy())),
            R"({"ID":"aaaaaaaa-0000-4000-8000-000000000001","Name":"web-read",)"
            R"("Description":"reads web","Rules":"service \"web\" { policy = \"read\" }",)"
            R"("Datacenters":["dc1"],"Hash":"H","CreateIndex":7,"ModifyIndex":9})");
  Policy everywhere = FullPolicy();
  everywhere.datacenters.clear();
  EXPECT_FALSE(PolicyJson(everywhere, kIndexes).contains("Datacenters"));
}

TEST(AnswersTest, AListedPolicyHasNoRules) {
  EXPECT_EQ(TextOf(PolicyListedJson(FullPolicy(), kIndexes), WritePolicy(FullPolicy())),
            R"({"ID":"aaaaaaaa-0000-4000-8000-000000000001","Name":"web-read",)"
            R"("Description":"reads web","Datacenters":["dc1"],)"
            R"("Hash":"H","CreateIndex":7,"ModifyIndex":9})");
  Policy everywhere = FullPolicy();
  everywhere.datacenters.clear();
  EXPECT_TRUE(PolicyListedJson(everywhere, kIndexes)["Datacenters"].is_null());
}

TEST(AnswersTest, ARoleAsConsulShowsIt) {
  EXPECT_EQ(TextOf(RoleJson(FullRole(), kIndexes, NameOfSample), WriteRole(FullRole())),
            R"({"ID":"cccccccc-0000-4000-8000-000000000001","Name":"webs",)"
            R"("Description":"all of them",)"
            R"("Policies":[{"ID":"aaaaaaaa-0000-4000-8000-000000000001","Name":"web-read"}],)"
            R"("ServiceIdentities":[{"ServiceName":"web","Datacenters":["dc1"]}],)"
            R"("NodeIdentities":[{"NodeName":"n1","Datacenter":"dc1"}],)"
            R"("Hash":"H","CreateIndex":7,"ModifyIndex":9})");
}

TEST(AnswersTest, AnswersAreTakenAsRequests) {
  Token token = FullToken();
  token.local = false;
  const auto request =
      ParseTokenRequest(TokenJson(token, std::nullopt, kIndexes, NameOfSample).dump());
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->expiration_time, token.expiration_time);
  EXPECT_EQ(request->service_identities, token.service_identities);
  const auto policy = ParsePolicyRequest(PolicyJson(FullPolicy(), kIndexes).dump());
  ASSERT_TRUE(policy) << policy.error().message;
  EXPECT_EQ(*policy, FullPolicy());
  const auto role = ParseRoleRequest(RoleJson(FullRole(), kIndexes, NameOfSample).dump());
  ASSERT_TRUE(role) << role.error().message;
  EXPECT_EQ(role->node_identities, FullRole().node_identities);
}

}  // namespace
}  // namespace rollcall::acl
