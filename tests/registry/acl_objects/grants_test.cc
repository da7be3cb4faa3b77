#include "registry/acl/objects/grants.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "registry/acl/objects/stored.h"
#include "tests/registry/acl_objects/samples.h"

namespace rollcall::acl {
namespace {

using model::AclKind;
using testing::HasSubstr;

// Stands in for a snapshot of the catalog of datacenter dc1.
class GrantsTest : public testing::Test {
 protected:
  void Put(model::AclObject object) {
    const auto key = std::pair(object.kind, object.id.str());
    objects_[key] = std::move(object);
  }
  void PutPolicy(const std::string& id, const std::string& rules,
                 std::vector<std::string> datacenters = {}) {
    Put(WritePolicy({id, "p-" + id.substr(35), "", rules, std::move(datacenters)}));
  }

  GrantContext Context(DefaultPolicy otherwise = DefaultPolicy::kDeny) {
    return {[this](AclKind kind, std::string_view id) -> const model::AclObject* {
              const auto found = objects_.find({kind, std::string(id)});
              return found == objects_.end() ? nullptr : &found->second;
            },
            "dc1", kNow, otherwise};
  }

  Authorizer Grants(const Token& token, DefaultPolicy otherwise = DefaultPolicy::kDeny) {
    auto authorizer = AuthorizerOf(token, Context(otherwise));
    EXPECT_TRUE(authorizer) << authorizer.error().message;
    return authorizer ? *std::move(authorizer) : Authorizer::DenyAll();
  }

  std::map<std::pair<AclKind, std::string>, model::AclObject> objects_;
};

Token TokenWith(std::vector<std::string> policies, std::vector<std::string> roles = {}) {
  Token token;
  token.accessor_id = "dddddddd-0000-4000-8000-000000000009";
  token.secret_hash = HashSecret(kSecret);
  token.policy_ids = std::move(policies);
  token.role_ids = std::move(roles);
  return token;
}

constexpr const char* kReadWeb = R"(service "web" { policy = "read" })";
constexpr const char* kWriteApi = R"(service "api" { policy = "write" })";

TEST_F(GrantsTest, ATokenWithoutLinksIsLeftWithTheDefault) {
  EXPECT_FALSE(Grants(TokenWith({})).MayRead(Resource::kService, "web"));
  const Authorizer allowed = Grants(TokenWith({}), DefaultPolicy::kAllow);
  EXPECT_TRUE(allowed.MayWrite(Resource::kService, "web"));
  EXPECT_FALSE(allowed.MayRead(Scalar::kAcl));
}

TEST_F(GrantsTest, PoliciesOfTheTokenAndOfItsRolesCount) {
  PutPolicy(kPolicyId, kReadWeb);
  PutPolicy(kOtherPolicyId, kWriteApi);
  Put(WriteRole({kRoleId, "r", "", {kOtherPolicyId}, {}, {}}));
  const Authorizer granted = Grants(TokenWith({kPolicyId}, {kRoleId}));
  EXPECT_TRUE(granted.MayRead(Resource::kService, "web"));
  EXPECT_FALSE(granted.MayWrite(Resource::kService, "web"));
  EXPECT_TRUE(granted.MayWrite(Resource::kService, "api"));
  EXPECT_FALSE(granted.MayRead(Resource::kService, "db"));
}

TEST_F(GrantsTest, ADenialInOnePolicyGoesBeforeAnother) {
  PutPolicy(kPolicyId, kReadWeb);
  PutPolicy(kOtherPolicyId, R"(service "web" { policy = "deny" })");
  EXPECT_FALSE(Grants(TokenWith({kPolicyId, kOtherPolicyId})).MayRead(Resource::kService, "web"));
}

TEST_F(GrantsTest, IdentitiesOfTheTokenAndOfItsRolesCount) {
  Put(WriteRole({kRoleId, "r", "", {}, {{"api", {}}}, {{"n2", "dc1"}}}));
  Token token = TokenWith({}, {kRoleId});
  token.service_identities = {{"web", {}}};
  token.node_identities = {{"n1", "dc1"}};
  const Authorizer granted = Grants(token);
  EXPECT_TRUE(granted.MayWrite(Resource::kService, "web"));
  EXPECT_TRUE(granted.MayWrite(Resource::kService, "web-sidecar-proxy"));
  EXPECT_TRUE(granted.MayWrite(Resource::kService, "api"));
  EXPECT_TRUE(granted.MayWrite(Resource::kNode, "n1"));
  EXPECT_TRUE(granted.MayWrite(Resource::kNode, "n2"));
  EXPECT_FALSE(granted.MayWrite(Resource::kNode, "n3"));
}

TEST_F(GrantsTest, WhatCountsInOtherDatacentersDoesNotCountHere) {
  PutPolicy(kPolicyId, kReadWeb, {"dc2", "dc11"});
  PutPolicy(kOtherPolicyId, kWriteApi, {"dc2", "DC1"});
  Token token = TokenWith({kPolicyId, kOtherPolicyId});
  token.service_identities = {{"here", {"dc1"}}, {"there", {"dc2"}}};
  token.node_identities = {{"n1", "dc1"}, {"n2", "dc2"}};
  const Authorizer granted = Grants(token);
  EXPECT_TRUE(granted.MayWrite(Resource::kService, "api"));
  EXPECT_TRUE(granted.MayWrite(Resource::kService, "here"));
  EXPECT_FALSE(granted.MayWrite(Resource::kService, "there"));
  EXPECT_TRUE(granted.MayWrite(Resource::kNode, "n1"));
  EXPECT_FALSE(granted.MayWrite(Resource::kNode, "n2"));
  EXPECT_FALSE(Grants(TokenWith({kPolicyId})).MayRead(Resource::kService, "web"));
}

TEST_F(GrantsTest, LinksToWhatIsGoneArePassedOver) {
  PutPolicy(kPolicyId, kReadWeb);
  Put(WriteRole({kRoleId, "r", "", {kOtherPolicyId, kPolicyId}, {}, {}}));
  const Authorizer granted =
      Grants(TokenWith({kOtherPolicyId}, {"cccccccc-0000-4000-8000-00000000000f", kRoleId}));
  EXPECT_TRUE(granted.MayRead(Resource::kService, "web"));
}

TEST_F(GrantsTest, TheBuiltInPolicyGrantsAllWhateverItsRecord) {
  const Token token = TokenWith({std::string(kGlobalManagementId)});
  EXPECT_TRUE(Grants(token).MayWrite(Scalar::kAcl)) << "without a record";
  model::AclObject damaged = WritePolicy(GlobalManagementPolicy());
  damaged.content = "{";
  Put(damaged);
  const Authorizer granted = Grants(token);
  EXPECT_TRUE(granted.MayWrite(Scalar::kAcl));
  EXPECT_TRUE(granted.MayWrite(Resource::kKey, "any"));
  EXPECT_TRUE(granted.MayWriteIntentions("any"));
}

TEST_F(GrantsTest, AnExpiredTokenIsAsIfUnknown) {
  Token token = TokenWith({std::string(kGlobalManagementId)});
  token.expiration_time = kNow;
  Put(WriteToken(token));
  EXPECT_TRUE(AuthorizerOf(token, Context())) << "still good at that very time";
  EXPECT_TRUE(FindTokenBySecret(kSecret, Context()));
  token.expiration_time = kNow - std::chrono::nanoseconds(1);
  Put(WriteToken(token));
  const auto granted = AuthorizerOf(token, Context(DefaultPolicy::kAllow));
  ASSERT_FALSE(granted);
  EXPECT_EQ(granted.error().code, ErrorCode::kNotFound);
  const auto found = FindTokenBySecret(kSecret, Context());
  const auto unknown = FindTokenBySecret(kPolicyId, Context());
  ASSERT_FALSE(found);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(found.error().code, unknown.error().code);
  EXPECT_EQ(found.error().message, unknown.error().message);
}

TEST_F(GrantsTest, ATokenIsFoundByItsSecretAlone) {
  const Token token = TokenWith({});
  Put(WriteToken(token));
  const auto found = FindTokenBySecret(kSecret, Context());
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, token);
  for (const std::string& secret :
       {token.accessor_id, token.secret_hash, std::string("B1C2D3E4-0000-4000-8000-000000000001"),
        std::string(kSecret) + ' ', std::string(100'000, 'x')}) {
    const auto none = FindTokenBySecret(secret, Context());
    ASSERT_FALSE(none) << secret.substr(0, 100);
    EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  }
}

TEST_F(GrantsTest, WhoPresentsNothingIsAnonymous) {
  for (const char* secret : {"", "anonymous"}) {
    const auto token = FindTokenBySecret(secret, Context());
    ASSERT_TRUE(token) << token.error().message;
    EXPECT_EQ(token->accessor_id, kAnonymousTokenId);
    EXPECT_TRUE(token->policy_ids.empty());
  }
  Token changed = AnonymousToken(kNow);
  changed.policy_ids = {kPolicyId};
  Put(WriteToken(changed));
  EXPECT_EQ(FindTokenBySecret("", Context()).value(), changed);
}

// Without it a denial might be missing.
TEST_F(GrantsTest, NothingIsGrantedOnDamage) {
  PutPolicy(kPolicyId, R"(service_prefix "" { policy = "write" })");
  PutPolicy(kOtherPolicyId, R"(service "web" { policy = "deny" })");
  const Token token = TokenWith({kPolicyId, kOtherPolicyId}, {kRoleId});
  ASSERT_TRUE(AuthorizerOf(token, Context()));

  Put(WritePolicy({kOtherPolicyId, "two", "", "sevice {", {}}));
  auto granted = AuthorizerOf(token, Context());
  ASSERT_FALSE(granted);
  EXPECT_EQ(granted.error().code, ErrorCode::kCorruption);
  EXPECT_THAT(granted.error().message, HasSubstr("the policy \"two\""));

  PutPolicy(kOtherPolicyId, R"(service "web" { policy = "deny" })");
  model::AclObject damaged = WritePolicy(FullPolicy());
  damaged.content = "{}";
  Put(damaged);
  granted = AuthorizerOf(token, Context());
  ASSERT_FALSE(granted);
  EXPECT_EQ(granted.error().code, ErrorCode::kCorruption);
  EXPECT_THAT(granted.error().message, HasSubstr(damaged.id.str()));

  PutPolicy(kPolicyId, kReadWeb);
  PutPolicy(kOtherPolicyId, kWriteApi);
  model::AclObject role = WriteRole(FullRole());
  role.content = "{}";
  Put(role);
  granted = AuthorizerOf(token, Context());
  ASSERT_FALSE(granted);
  EXPECT_EQ(granted.error().code, ErrorCode::kCorruption);

  Put(WriteRole({kRoleId, "r", "", {}, {{"Not Valid", {}}}, {}}));
  granted = AuthorizerOf(token, Context());
  ASSERT_FALSE(granted);
  EXPECT_EQ(granted.error().code, ErrorCode::kCorruption);

  model::AclObject broken = WriteToken(token);
  broken.content = "";
  Put(broken);
  EXPECT_EQ(FindTokenBySecret(kSecret, Context()).error().code, ErrorCode::kCorruption);
}

std::string NumberedId(const std::string& begin, size_t number) {
  std::string digits = std::to_string(number);
  return begin + "-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

constexpr size_t kLarge = size_t{60} << 10;

model::AclObject LargePolicy(const std::string& id, std::vector<std::string> datacenters = {}) {
  return WritePolicy({id, "large", std::string(kLarge, 'd'), kReadWeb, std::move(datacenters)});
}

TEST_F(GrantsTest, MoreThanTheLimitGrantsNothing) {
  Token token = TokenWith({});
  size_t bytes = 0;
  while (bytes + kLarge + 1000 < kMaxGrantBytes) {
    token.policy_ids.push_back(NumberedId("aaaaaaaa", token.policy_ids.size()));
    Put(LargePolicy(token.policy_ids.back()));
    bytes += objects_.at({AclKind::kPolicy, token.policy_ids.back()}).content.size();
  }
  // Links to the same, or to nothing, cost nothing.
  token.policy_ids.push_back(token.policy_ids.front());
  token.policy_ids.push_back(NumberedId("ffffffff", 1));
  EXPECT_TRUE(Grants(token).MayRead(Resource::kService, "web"));

  // One policy more, here or by a role, and even if it counts nowhere here.
  const std::string last = NumberedId("aaaaaaaa", 999);
  Put(LargePolicy(last, {"dc2"}));
  Put(WriteRole({kRoleId, "r", "", {last}, {}, {}}));
  Token with_policy = token;
  with_policy.policy_ids.push_back(last);
  Token with_role = token;
  with_role.role_ids.push_back(kRoleId);
  for (const Token& too_much : {with_policy, with_role}) {
    const auto granted = AuthorizerOf(too_much, Context(DefaultPolicy::kAllow));
    ASSERT_FALSE(granted);
    EXPECT_EQ(granted.error().code, ErrorCode::kCorruption);
    EXPECT_EQ(granted.error().message,
              "the token \"" + token.accessor_id +
                  "\" grants nothing: its policies, roles and identities are more than 2097152 "
                  "bytes together: link it with less");
  }
}

TEST_F(GrantsTest, RolesAndIdentitiesCountTowardsTheLimit) {
  Token token = TokenWith({});
  std::vector<ServiceIdentity> identities;
  for (size_t i = 0; i < 1000; ++i) {
    identities.push_back({std::string(200, 'a') + std::to_string(i), {}});
  }
  // About 700 bytes each, as rules.
  for (size_t i = 0; i < 2; ++i) {
    token.role_ids.push_back(NumberedId("cccccccc", i));
    Put(WriteRole({token.role_ids.back(), "r", "", {}, identities, {}}));
  }
  EXPECT_TRUE(AuthorizerOf(token, Context()));
  Token with_identities = token;
  with_identities.service_identities = identities;
  EXPECT_FALSE(AuthorizerOf(with_identities, Context()));
  // Roles of which nothing counts have to be read, too.
  Token with_roles = TokenWith({});
  for (size_t i = 0; i < 40; ++i) {
    with_roles.role_ids.push_back(NumberedId("cccccccc", 100 + i));
    Put(WriteRole({with_roles.role_ids.back(), "r", std::string(kLarge, 'd'), {}, {}, {}}));
  }
  EXPECT_FALSE(AuthorizerOf(with_roles, Context()));
}

}  // namespace
}  // namespace rollcall::acl
