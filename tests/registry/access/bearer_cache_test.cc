// On the snapshots of a real catalog, as its objects of access control change.
#include "registry/access/bearer_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "registry/acl/objects/stored.h"
#include "tests/registry/acl_objects/samples.h"
#include "tests/registry/catalog/catalog_fixture.h"

namespace rollcall::acl {
namespace {

using model::AclKind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kReadWebRules = R"(service "web" { policy = "read" })";

class BearerCacheTest : public testing::Test {
 protected:
  BearerCacheTest() { Restart(DefaultPolicy::kDeny); }

  void Restart(DefaultPolicy otherwise, size_t capacity = 100, size_t max_bytes = size_t{1} << 30) {
    BearerCache::Options options;
    options.enabled = true;
    options.otherwise = otherwise;
    options.capacity = capacity;
    options.max_bytes = max_bytes;
    options.now = [this] { return now_; };
    options.on_damage = [this](const std::string& what) { damages_.push_back(what); };
    cache_ = std::make_unique<BearerCache>(std::move(options));
  }

  void Put(model::AclObject object) {
    ASSERT_TRUE(
        catalog_.Do(model::ChangeAcl{catalog_.now().acl_index(), {std::move(object)}, {}}).is_set())
        << catalog_.last_error().message;
  }
  void Remove(AclKind kind, const std::string& id) {
    ASSERT_TRUE(
        catalog_.Do(model::ChangeAcl{catalog_.now().acl_index(), {}, {{kind, Text(id)}}}).is_set());
  }
  void PutPolicy(const std::string& rules) { Put(WritePolicy({kPolicyId, "p", "", rules, {}})); }
  // With the policy kPolicyId.
  void PutToken(const std::string& secret, std::optional<UtcTime> expires = std::nullopt) {
    Token token;
    token.accessor_id = "dddddddd-0000-4000-8000-" + HashSecret(secret).substr(0, 12);
    token.secret_hash = HashSecret(secret);
    token.policy_ids = {kPolicyId};
    token.create_time = kNow;
    token.expiration_time = expires;
    Put(WriteToken(token));
  }

  Result<BearerPtr> Find(std::string_view secret) { return cache_->Find(secret, catalog_.now()); }
  // "denied" for who may not, "?" and why for who is not known.
  std::string ReadsWeb(std::string_view secret) {
    const Result<BearerPtr> bearer = Find(secret);
    if (!bearer) return "? " + bearer.error().message;
    return (*bearer)->authorizer.MayRead(Resource::kService, "web") ? "reads" : "denied";
  }

  UtcTime now_ = kNow;
  std::vector<std::string> damages_;
  catalog::PlainCatalog catalog_;
  std::unique_ptr<BearerCache> cache_;
};

TEST_F(BearerCacheTest, WithoutAccessControlEverybodyMayDoEverything) {
  BearerCache off({});
  for (const char* secret : {"", "anything"}) {
    const Result<BearerPtr> bearer = off.Find(secret, catalog_.now());
    ASSERT_TRUE(bearer);
    EXPECT_EQ((*bearer)->accessor_id, "");
    EXPECT_TRUE((*bearer)->authorizer.ReadsAll(Resource::kService));
    EXPECT_TRUE((*bearer)->authorizer.MayWrite(Resource::kNode, "n"));
    EXPECT_EQ(*off.FindAgain(**bearer, catalog_.now()), *bearer);
  }
}

TEST_F(BearerCacheTest, NoSecretIsTheAnonymousToken) {
  const Result<BearerPtr> bearer = Find("");
  ASSERT_TRUE(bearer);
  EXPECT_EQ((*bearer)->accessor_id, kAnonymousTokenId);
  EXPECT_EQ(ReadsWeb(""), "denied");
  EXPECT_EQ(ReadsWeb(kAnonymousSecret), "denied");
  Restart(DefaultPolicy::kAllow);
  EXPECT_EQ(ReadsWeb(""), "reads");
}

TEST_F(BearerCacheTest, AnonymousTokenMayHavePolicies) {
  EXPECT_EQ(ReadsWeb(""), "denied");
  PutPolicy(kReadWebRules);
  Token token = AnonymousToken(kNow);
  token.policy_ids = {kPolicyId};
  Put(WriteToken(token));
  EXPECT_EQ(ReadsWeb(""), "reads");
}

TEST_F(BearerCacheTest, UnknownSecretsAreRefusedAndNotKept) {
  for (int i = 0; i < 50; ++i) {
    const Result<BearerPtr> bearer = Find("no such secret " + std::to_string(i));
    ASSERT_FALSE(bearer);
    EXPECT_EQ(bearer.error().code, ErrorCode::kPermissionDenied);
    EXPECT_EQ(bearer.error().message, "ACL not found");
  }
  EXPECT_EQ(cache_->size(), 0U);
}

TEST_F(BearerCacheTest, WhatIsCompiledIsUsedAgain) {
  PutPolicy(kReadWebRules);
  PutToken("s");
  const BearerPtr first = *Find("s");
  EXPECT_EQ(*Find("s"), first);
  // Changes of the catalog, and of tokens and policies of others.
  catalog_.Do(catalog::RegisterNode("n"));
  PutToken("other");
  Put(WritePolicy({kOtherPolicyId, "q", "", kReadWebRules, {}}));
  EXPECT_EQ(*Find("s"), first);
  EXPECT_EQ(*cache_->FindAgain(*first, catalog_.now()), first);
}

TEST_F(BearerCacheTest, WhatItDependsOnIsNeverOld) {
  PutToken("s");
  EXPECT_EQ(ReadsWeb("s"), "denied");
  const BearerPtr before = *Find("s");
  PutPolicy(kReadWebRules);  // it was missing
  EXPECT_EQ(ReadsWeb("s"), "reads");
  PutPolicy(R"(service "web" { policy = "deny" })");
  EXPECT_EQ(ReadsWeb("s"), "denied");
  PutPolicy(kReadWebRules);
  EXPECT_EQ(ReadsWeb("s"), "reads");
  const Result<BearerPtr> again = cache_->FindAgain(*before, catalog_.now());
  ASSERT_TRUE(again);
  EXPECT_TRUE((*again)->authorizer.MayRead(Resource::kService, "web"));
  Remove(AclKind::kPolicy, kPolicyId);
  EXPECT_EQ(ReadsWeb("s"), "denied");
  Remove(AclKind::kToken, HashSecret("s"));
  EXPECT_EQ(ReadsWeb("s"), "? ACL not found");
  EXPECT_FALSE(cache_->FindAgain(*before, catalog_.now()));
  EXPECT_EQ(cache_->size(), 0U);
}

TEST_F(BearerCacheTest, PoliciesOfRolesCountAsLongAsTheyAreThere) {
  PutPolicy(kReadWebRules);
  Put(WriteRole({kRoleId, "r", "", {kPolicyId}, {}, {}}));
  Token token;
  token.accessor_id = "dddddddd-0000-4000-8000-000000000001";
  token.secret_hash = HashSecret("s");
  token.role_ids = {kRoleId};
  token.create_time = kNow;
  Put(WriteToken(token));
  EXPECT_EQ(ReadsWeb("s"), "reads");
  Put(WriteRole({kRoleId, "r", "", {}, {}, {}}));
  EXPECT_EQ(ReadsWeb("s"), "denied");
}

TEST_F(BearerCacheTest, ExpiryIsLookedAtOnEachUse) {
  PutPolicy(kReadWebRules);
  PutToken("s", kNow + std::chrono::minutes(1));
  EXPECT_EQ(ReadsWeb("s"), "reads");
  const BearerPtr bearer = *Find("s");
  now_ = kNow + std::chrono::minutes(1);
  EXPECT_EQ(ReadsWeb("s"), "reads");
  now_ += std::chrono::nanoseconds(1);
  EXPECT_EQ(ReadsWeb("s"), "? ACL not found");
  EXPECT_FALSE(cache_->FindAgain(*bearer, catalog_.now()));
}

TEST_F(BearerCacheTest, TheOneThatWasNotUsedForTheLongestMakesRoom) {
  Restart(DefaultPolicy::kDeny, 2);
  PutPolicy(kReadWebRules);
  for (const char* secret : {"a", "b", "c"}) PutToken(secret);
  const BearerPtr a = *Find("a");
  const BearerPtr b = *Find("b");
  EXPECT_EQ(*Find("a"), a);
  EXPECT_EQ(ReadsWeb("c"), "reads");  // instead of b
  EXPECT_EQ(cache_->size(), 2U);
  EXPECT_EQ(*Find("a"), a);
  EXPECT_NE(*Find("b"), b);
  EXPECT_EQ(cache_->size(), 2U);
}

TEST_F(BearerCacheTest, WhoIsAskedForAgainIsLetOffOnceWhenRoomIsMade) {
  Restart(DefaultPolicy::kDeny, 3);
  PutPolicy(kReadWebRules);
  for (const char* secret : {"a", "b", "c", "d", "e"}) PutToken(secret);
  const BearerPtr a = *Find("a");
  for (const char* secret : {"b", "c", "a"}) EXPECT_EQ(ReadsWeb(secret), "reads");
  EXPECT_EQ(ReadsWeb("d"), "reads");  // instead of b
  EXPECT_EQ(*Find("a"), a);
  EXPECT_EQ(ReadsWeb("e"), "reads");  // instead of c
  EXPECT_EQ(*Find("a"), a);
  EXPECT_EQ(cache_->size(), 3U);
}

TEST_F(BearerCacheTest, BytesAreBoundedAsWell) {
  std::string rules;
  for (int i = 0; i < 1000; ++i)
    rules += "service \"service-" + std::to_string(i) + "\" {policy=\"read\"}\n";
  PutPolicy(rules);
  for (const char* secret : {"a", "b", "c"}) PutToken(secret);
  EXPECT_EQ(ReadsWeb("a"), "denied");
  const size_t one = cache_->bytes();
  EXPECT_GT(one, rules.size());       // the rules' text is held
  EXPECT_LT(one, 20 * rules.size());  // and they are not that much larger when compiled
  // Room for two.
  Restart(DefaultPolicy::kDeny, 100, 2 * one + one / 2);
  for (const char* secret : {"a", "b", "c", "a"}) {
    EXPECT_EQ(ReadsWeb(secret), "denied");
    EXPECT_LE(cache_->size(), 2U);
    EXPECT_LE(cache_->bytes(), 2 * one + one / 2);
  }
  EXPECT_EQ(cache_->size(), 2U);
  // One that has no room is kept alone, as long as nobody else comes.
  Restart(DefaultPolicy::kDeny, 100, one / 2);
  const BearerPtr a = *Find("a");
  EXPECT_EQ(*Find("a"), a);
  EXPECT_EQ(ReadsWeb("b"), "denied");
  EXPECT_EQ(cache_->size(), 1U);
  // What goes is counted off.
  Restart(DefaultPolicy::kDeny);
  EXPECT_EQ(ReadsWeb("a"), "denied");
  Remove(AclKind::kToken, HashSecret("a"));
  EXPECT_EQ(ReadsWeb("a"), "? ACL not found");
  EXPECT_EQ(cache_->bytes(), 0U);
}

TEST_F(BearerCacheTest, StateThatCameFromABackupUnderTheSameIndexIsAnotherOne) {
  catalog::PlainCatalog restored = catalog_;
  PutPolicy(kReadWebRules);
  PutToken("s");
  EXPECT_EQ(ReadsWeb("s"), "reads");
  const BearerPtr before = *Find("s");
  std::swap(catalog_, restored);
  PutPolicy(R"(service "web" { policy = "deny" })");
  PutToken("s");
  ASSERT_EQ(catalog_.now().acl_index(), restored.now().acl_index());
  EXPECT_EQ(ReadsWeb("s"), "denied");
  EXPECT_FALSE(before->grounds->AreIn(catalog_.now()));
  EXPECT_TRUE(before->grounds->AreIn(restored.now()));
}

TEST_F(BearerCacheTest, DamagedRecordsGrantNothingAndAreReportedOnce) {
  PutToken("s");
  model::AclObject policy = WritePolicy({kPolicyId, "p", "", kReadWebRules, {}});
  policy.content = "{\"V\":1}";
  Put(policy);
  for (int i = 0; i < 3; ++i) {
    const Result<BearerPtr> bearer = Find("s");
    ASSERT_FALSE(bearer);
    EXPECT_EQ(bearer.error().code, ErrorCode::kCorruption);
    // What is wrong with it is not for everybody.
    EXPECT_THAT(bearer.error().message, Not(HasSubstr(kPolicyId)));
  }
  EXPECT_THAT(damages_, ElementsAre(HasSubstr(kPolicyId)));
  PutPolicy(kReadWebRules);
  EXPECT_EQ(ReadsWeb("s"), "reads");
}

}  // namespace
}  // namespace rollcall::acl
