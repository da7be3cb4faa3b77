#include "registry/acl/objects/drafts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "registry/model/records.h"
#include "tests/registry/acl_objects/samples.h"

namespace rollcall::acl {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;

// There are the policies web-read (kPolicyId) and other, and the role webs.
LinkFinders Links() {
  return {[](const LinkRequest& link) -> std::optional<std::string> {
            if (link.id == kPolicyId || link.id == kOtherPolicyId) return link.id;
            if (link.id.empty() && link.name == "web-read") return kPolicyId;
            return std::nullopt;
          },
          [](const LinkRequest& link) -> std::optional<std::string> {
            if (link.id == kRoleId || (link.id.empty() && link.name == "webs")) return kRoleId;
            return std::nullopt;
          }};
}

template <typename T>
void ExpectRefused(const Result<T>& result, const std::string& reason) {
  ASSERT_FALSE(result) << reason;
  EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(result.error().message, HasSubstr(reason));
}

// As if a client had sent what FullToken says.
TokenRequest RequestOf(const Token& token) {
  TokenRequest request;
  request.accessor_id = token.accessor_id;
  request.description = token.description;
  for (const std::string& id : token.policy_ids) request.policies.push_back({id, ""});
  for (const std::string& id : token.role_ids) request.roles.push_back({id, ""});
  request.service_identities = token.service_identities;
  request.node_identities = token.node_identities;
  request.local = token.local;
  return request;
}

TEST(DraftsTest, ANewTokenHasRandomIdsAndTheHashOfItsSecret) {
  const auto a = NewToken({}, Links(), kNow);
  const auto b = NewToken({}, Links(), kNow);
  ASSERT_TRUE(a && b);
  EXPECT_TRUE(model::IsUuid(a->secret));
  EXPECT_TRUE(model::IsUuid(a->token.accessor_id));
  EXPECT_NE(a->secret, a->token.accessor_id);
  EXPECT_NE(a->secret, b->secret);
  EXPECT_NE(a->token.accessor_id, b->token.accessor_id);
  EXPECT_EQ(a->token.secret_hash, HashSecret(a->secret));
  EXPECT_EQ(a->token.create_time, kNow);
  EXPECT_FALSE(a->token.expiration_time);
}

TEST(DraftsTest, ANewTokenSaysWhatWasAskedFor) {
  TokenRequest request = RequestOf(FullToken());
  request.secret_id = kSecret;
  request.expiration_ttl = hours(1);
  const auto made = NewToken(request, Links(), At("2026-11-26T20:15:34.000000123Z"));
  ASSERT_TRUE(made) << made.error().message;
  Token expected = FullToken();
  expected.auth_method.clear();
  EXPECT_EQ(made->token, expected);
  EXPECT_EQ(made->secret, kSecret);
}

TEST(DraftsTest, LinksAreFoundByIdOrNameAndCountOnce) {
  TokenRequest request;
  request.policies = {{"", "web-read"}, {kOtherPolicyId, "ignored"}, {kPolicyId, ""}};
  request.roles = {{"", "webs"}, {kRoleId, ""}};
  const auto made = NewToken(request, Links(), kNow);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_THAT(made->token.policy_ids, ElementsAre(kPolicyId, kOtherPolicyId));
  EXPECT_THAT(made->token.role_ids, ElementsAre(kRoleId));
}

TEST(DraftsTest, LinksToNothingAreRefused) {
  TokenRequest request;
  request.policies = {{"", "nope"}};
  ExpectRefused(NewToken(request, Links(), kNow), "No such ACL policy with name \"nope\"");
  request.policies = {{kRoleId, "web-read"}};
  ExpectRefused(NewToken(request, Links(), kNow), "No such ACL policy with ID \"cccccccc");
  request.policies = {};
  request.roles = {{"", ""}};
  ExpectRefused(NewToken(request, Links(), kNow), "No such ACL role with name \"\"");
  RoleRequest role;
  role.policies = {{"", "nope"}};
  ExpectRefused(MakeRole(role, Links().policy), "No such ACL policy with name \"nope\"");
}

TEST(DraftsTest, ChosenIdsMustNotBeConsulsOwn) {
  TokenRequest request;
  request.accessor_id = "00000000-0000-0000-0000-0000000000ff";
  ExpectRefused(NewToken(request, Links(), kNow), "are reserved");
  request.accessor_id.clear();
  request.secret_id = kGlobalManagementId;
  ExpectRefused(NewToken(request, Links(), kNow), "are reserved");
  request.secret_id = kAnonymousSecret;
  ExpectRefused(NewToken(request, Links(), kNow), "SecretID is not a valid UUID");
  request.accessor_id = "dddddddd-0000-4000-8000-000000000001";
  request.secret_id = "DDDDDDDD-0000-4000-8000-000000000001";
  ExpectRefused(NewToken(request, Links(), kNow), "must not be the AccessorID");
}

TEST(DraftsTest, ATokenExpiresWithinConsulsBoundsOrNever) {
  struct Case {
    nanoseconds ttl;
    std::string reason;  // empty: taken
  };
  const Case cases[] = {
      {minutes(1), ""},
      {hours(24), ""},
      {minutes(1) - nanoseconds(1), "cannot be less than 1m0s in the future (was 59.999999999s)"},
      {hours(24) + nanoseconds(1), "cannot be more than 24h0m0s in the future"},
      {nanoseconds::max(), "cannot be more than 24h0m0s"},
      {nanoseconds(-1), "Token Expiration TTL '-1ns' should be > 0"},
      {nanoseconds::min(), "should be > 0"},
  };
  for (const Case& c : cases) {
    TokenRequest request;
    request.expiration_ttl = c.ttl;
    const auto made = NewToken(request, Links(), kNow);
    if (c.reason.empty()) {
      ASSERT_TRUE(made) << made.error().message;
      EXPECT_EQ(made->token.expiration_time, kNow + c.ttl);
    } else {
      ExpectRefused(made, c.reason);
    }
  }
}

TEST(DraftsTest, AnExpirationTimeHasTheSameBounds) {
  struct Case {
    UtcTime time;
    std::string reason;
  };
  const Case cases[] = {
      {kNow + minutes(1), ""},
      {kNow + hours(24), ""},
      {kNow, "less than 1m0s in the future (was 0s)"},
      {kNow - seconds(1), "ExpirationTime cannot be before CreateTime"},
      {UtcTime::min(), "ExpirationTime cannot be before CreateTime"},
      {UtcTime::max(), "more than 24h0m0s"},
  };
  for (const Case& c : cases) {
    TokenRequest request;
    request.expiration_time = c.time;
    const auto made = NewToken(request, Links(), kNow);
    if (c.reason.empty()) {
      ASSERT_TRUE(made) << made.error().message;
      EXPECT_EQ(made->token.expiration_time, c.time);
      request.expiration_ttl = minutes(5);
      ExpectRefused(NewToken(request, Links(), kNow), "cannot both be set");
    } else {
      ExpectRefused(made, c.reason);
    }
  }
}

TEST(DraftsTest, OnlyALoginSaysItsMethod) {
  TokenRequest request;
  request.auth_method = "m";
  ExpectRefused(NewToken(request, Links(), kNow), "AuthMethod field is disallowed");
}

TEST(DraftsTest, AChangeReplacesWhatCanChangeAndKeepsTheRest) {
  TokenRequest request;
  request.local = true;
  request.description = "new";
  request.secret_id = kSecret;
  request.auth_method = "minikube";
  request.expiration_time = FullToken().expiration_time;
  const auto changed = ChangedToken(FullToken(), request, Links());
  ASSERT_TRUE(changed) << changed.error().message;
  Token expected = FullToken();
  expected.description = "new";
  expected.policy_ids.clear();
  expected.role_ids.clear();
  expected.service_identities.clear();
  expected.node_identities.clear();
  EXPECT_EQ(*changed, expected);
}

TEST(DraftsTest, WhatIsFixedCannotBeChanged) {
  const auto with = [](auto change) {
    TokenRequest request = RequestOf(FullToken());
    change(&request);
    return ChangedToken(FullToken(), request, Links());
  };
  EXPECT_TRUE(with([](TokenRequest*) {}));
  ExpectRefused(with([](TokenRequest* r) { r->secret_id = kPolicyId; }), "SecretID");
  ExpectRefused(with([](TokenRequest* r) { r->local = false; }),
                "Cannot toggle local mode of dddd");
  ExpectRefused(with([](TokenRequest* r) { r->auth_method = "m"; }), "Cannot change AuthMethod of");
  ExpectRefused(with([](TokenRequest* r) { r->expiration_ttl = minutes(5); }),
                "Cannot change expiration time of");
  ExpectRefused(with([](TokenRequest* r) { r->expiration_time = kNow; }),
                "Cannot change expiration time of");
  ExpectRefused(with([](TokenRequest* r) { r->policies = {{"", "nope"}}; }), "No such ACL policy");
}

TEST(DraftsTest, TheAnonymousTokenCanBeChanged) {
  TokenRequest request;
  request.secret_id = kAnonymousSecret;
  request.policies = {{"", "web-read"}};
  const auto changed = ChangedToken(AnonymousToken(kNow), request, Links());
  ASSERT_TRUE(changed) << changed.error().message;
  EXPECT_EQ(changed->accessor_id, kAnonymousTokenId);
  EXPECT_THAT(changed->policy_ids, ElementsAre(kPolicyId));
}

TEST(DraftsTest, ACloneIsTheSameUnderOtherIds) {
  Token old = FullToken();
  ExpectRefused(ClonedToken(old, "", kNow), "created from an auth method");
  old.auth_method.clear();
  const auto clone = ClonedToken(old, "", kNow);
  ASSERT_TRUE(clone);
  EXPECT_NE(clone->token.accessor_id, old.accessor_id);
  EXPECT_EQ(clone->token.secret_hash, HashSecret(clone->secret));
  Token expected = old;
  expected.accessor_id = clone->token.accessor_id;
  expected.secret_hash = clone->token.secret_hash;
  expected.create_time = kNow;
  EXPECT_EQ(clone->token, expected);
  EXPECT_EQ(ClonedToken(old, "mine", kNow).value().token.description, "mine");
  old.expiration_time = kNow - std::chrono::seconds(1);
  const auto expired = ClonedToken(old, "", kNow);
  ASSERT_FALSE(expired);
  EXPECT_EQ(expired.error().code, ErrorCode::kNotFound);
}

TEST(DraftsTest, OfTheBuiltInPolicyNameAndDescriptionCanChange) {
  const Policy old = GlobalManagementPolicy();
  Policy request = old;
  request.id = kPolicyId;
  request.name = "root";
  request.description = "ours";
  const auto changed = ChangedPolicy(old, request);
  ASSERT_TRUE(changed) << changed.error().message;
  EXPECT_EQ(changed->id, kGlobalManagementId);
  EXPECT_EQ(changed->name, "root");
  request.rules = "";
  ExpectRefused(ChangedPolicy(old, request), "Changing the Rules");
  request = old;
  request.datacenters = {"dc1"};
  ExpectRefused(ChangedPolicy(old, request), "Changing the Datacenters");
  EXPECT_TRUE(ChangedPolicy(FullPolicy(), request)) << "others may be changed at will";
}

TEST(DraftsTest, PoliciesAndRolesGetIds) {
  const auto policy = NewPolicy({"", "p", "", "", {}});
  ASSERT_TRUE(policy);
  EXPECT_TRUE(model::IsUuid(policy->id));
  RoleRequest request;
  request.name = "r";
  request.policies = {{"", "web-read"}, {kPolicyId, ""}};
  const auto role = MakeRole(request, Links().policy);
  ASSERT_TRUE(role);
  EXPECT_TRUE(model::IsUuid(role->id));
  EXPECT_THAT(role->policy_ids, ElementsAre(kPolicyId));
  request.id = kRoleId;
  EXPECT_EQ(MakeRole(request, Links().policy).value().id, kRoleId);
}

}  // namespace
}  // namespace rollcall::acl
