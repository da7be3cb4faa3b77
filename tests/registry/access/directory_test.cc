// On the snapshots of a real catalog, as its objects of access control change.
#include "registry/access/directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "registry/acl/methods/stored.h"
#include "registry/acl/objects/secrets.h"
#include "registry/acl/objects/stored.h"
#include "registry/base/ascii.h"
#include "tests/registry/acl_objects/samples.h"
#include "tests/registry/catalog/catalog_fixture.h"

namespace rollcall::acl {
namespace {

using model::AclKind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// The UUID that ends with `n`.
std::string Id(int n) {
  const std::string digits = std::to_string(n);
  return "bbbbbbbb-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

class DirectoryTest : public testing::Test {
 protected:
  void Change(std::vector<model::AclObject> put,
              std::vector<std::pair<AclKind, Text>> remove = {}) {
    ASSERT_TRUE(
        catalog_.Do(model::ChangeAcl{catalog_.now().acl_index(), std::move(put), std::move(remove)})
            .is_set())
        << catalog_.last_error().message;
    directory_.Follow(catalog_.now());
  }
  static model::AclObject PolicyRecord(int n, const std::string& name) {
    return WritePolicy({Id(n), name, "", "", {}});
  }
  static Token TokenOf(const std::string& secret, int accessor) {
    Token token;
    token.accessor_id = Id(accessor);
    token.secret_hash = HashSecret(secret);
    token.create_time = kNow;
    return token;
  }
  // "name ID", without what is built in.
  std::vector<std::string> Policies() const {
    std::vector<std::string> list;
    for (const auto& [id, policy] : directory_.policies().all()) {
      if (id != kGlobalManagementId) list.push_back(policy.object.name + " " + id);
    }
    return list;
  }
  std::string IdOfPolicy(std::string_view name) const {
    const Kept<Policy>* const policy = directory_.policies().FindByName(name);
    return policy == nullptr ? "" : policy->object.id;
  }

  std::vector<std::string> damages_;
  catalog::PlainCatalog catalog_;
  Directory directory_{[this](const std::string& what) { damages_.push_back(what); }};
};

TEST_F(DirectoryTest, HasWhatIsBuiltInBeforeAnybodyHasStoredIt) {
  directory_.Follow(catalog_.now());
  const Kept<Policy>* const policy = directory_.policies().FindByName("global-management");
  ASSERT_NE(policy, nullptr);
  EXPECT_EQ(policy->object, GlobalManagementPolicy());
  EXPECT_EQ(policy->record, nullptr);
  EXPECT_EQ(policy->indexes().create, Index(1));
  const Kept<Token>* const token = directory_.tokens().Find(kAnonymousTokenId);
  ASSERT_NE(token, nullptr);
  EXPECT_EQ(token->object.description, "Anonymous Token");
  EXPECT_THAT(directory_.roles().all(), IsEmpty());
}

TEST_F(DirectoryTest, AStoredObjectTakesThePlaceOfTheOneThatIsBuiltIn) {
  Token anonymous = AnonymousToken(kNow);
  anonymous.description = "everybody";
  Change({WriteToken(anonymous)});
  ASSERT_NE(directory_.tokens().Find(kAnonymousTokenId), nullptr);
  EXPECT_EQ(directory_.tokens().Find(kAnonymousTokenId)->object.description, "everybody");
  EXPECT_EQ(directory_.tokens().all().size(), 1U);
  Change({}, {{AclKind::kToken, Text(anonymous.secret_hash)}});
  ASSERT_NE(directory_.tokens().Find(kAnonymousTokenId), nullptr);
  EXPECT_EQ(directory_.tokens().Find(kAnonymousTokenId)->object.description, "Anonymous Token");
}

TEST_F(DirectoryTest, FindsByIdAndByNameWhateverTheCase) {
  Change({PolicyRecord(1, "Web-Read")});
  EXPECT_EQ(IdOfPolicy("web-READ"), Id(1));
  EXPECT_EQ(IdOfPolicy("web"), "");
  std::string id = Id(1);
  std::transform(id.begin(), id.end(), id.begin(), [](char c) { return c == 'b' ? 'B' : c; });
  ASSERT_NE(directory_.policies().Find(id), nullptr);
  EXPECT_EQ(directory_.NameOf(AclKind::kPolicy, Id(1)), "Web-Read");
  EXPECT_EQ(directory_.NameOf(AclKind::kRole, Id(1)), std::nullopt);
  EXPECT_EQ(directory_.NameOf(AclKind::kToken, Id(1)), std::nullopt);
}

TEST_F(DirectoryTest, HasAuthMethodsAndBindingRules) {
  AuthMethod method;
  method.name = "CI";
  method.type = "jwt";
  const BindingRule rule = {Id(1), "", "CI", "", BindType::kService, "web"};
  Change({WriteAuthMethod(method), WriteBindingRule(rule)});
  ASSERT_NE(directory_.auth_methods().Find("ci"), nullptr);
  EXPECT_EQ(directory_.auth_methods().Find("Ci")->object, method);
  EXPECT_EQ(directory_.auth_methods().Find("cj"), nullptr);
  ASSERT_NE(directory_.binding_rules().Find(Id(1)), nullptr);
  EXPECT_EQ(directory_.binding_rules().Find(Id(1))->object, rule);
  method.description = "changed";
  Change({WriteAuthMethod(method)});
  EXPECT_EQ(directory_.auth_methods().Find("ci")->object, method);
  Change({}, {{AclKind::kAuthMethod, "ci"}, {AclKind::kBindingRule, Id(1)}});
  EXPECT_THAT(directory_.auth_methods().all(), IsEmpty());
  EXPECT_THAT(directory_.binding_rules().all(), IsEmpty());
  EXPECT_THAT(damages_, IsEmpty());
}

TEST_F(DirectoryTest, FollowsWhatIsAddedChangedAndRemoved) {
  Change({PolicyRecord(2, "b"), PolicyRecord(4, "d")});
  EXPECT_THAT(Policies(), ElementsAre("b " + Id(2), "d " + Id(4)));
  Change({PolicyRecord(1, "a"), PolicyRecord(3, "c"), PolicyRecord(5, "e")});
  EXPECT_THAT(Policies(),
              ElementsAre("a " + Id(1), "b " + Id(2), "c " + Id(3), "d " + Id(4), "e " + Id(5)));
  Change({PolicyRecord(3, "cc")},
         {{AclKind::kPolicy, Text(Id(1))}, {AclKind::kPolicy, Text(Id(5))}});
  EXPECT_THAT(Policies(), ElementsAre("b " + Id(2), "cc " + Id(3), "d " + Id(4)));
  EXPECT_EQ(IdOfPolicy("c"), "");
  EXPECT_EQ(IdOfPolicy("cc"), Id(3));
  EXPECT_EQ(IdOfPolicy("a"), "");
  EXPECT_THAT(damages_, IsEmpty());
}

TEST_F(DirectoryTest, ANameMayGoFromOneObjectToAnother) {
  Change({PolicyRecord(1, "a"), PolicyRecord(2, "b")});
  Change({PolicyRecord(1, "b"), PolicyRecord(2, "a")});
  EXPECT_EQ(IdOfPolicy("a"), Id(2));
  EXPECT_EQ(IdOfPolicy("b"), Id(1));
  Change({}, {{AclKind::kPolicy, Text(Id(2))}});
  EXPECT_EQ(IdOfPolicy("a"), "");
  EXPECT_EQ(IdOfPolicy("b"), Id(1));
}

TEST_F(DirectoryTest, WhatDidNotChangeIsNotReadAgain) {
  Change({PolicyRecord(1, "a")});
  const Kept<Policy>* const before = directory_.policies().Find(Id(1));
  for (int n = 2; n < 40; ++n) Change({PolicyRecord(n, "p" + std::to_string(n))});
  EXPECT_EQ(directory_.policies().Find(Id(1)), before);
}

TEST_F(DirectoryTest, OfTwoWithOneNameTheSecondIsFoundWhenTheFirstHasGone) {
  Change({PolicyRecord(1, "a"), PolicyRecord(2, "A")});
  EXPECT_EQ(IdOfPolicy("a"), Id(1));
  EXPECT_EQ(Policies().size(), 2U);
  Change({}, {{AclKind::kPolicy, Text(Id(1))}});
  EXPECT_EQ(IdOfPolicy("a"), Id(2));
}

TEST_F(DirectoryTest, OfTwoTokensWithOneAccessorTheSecondIsFoundWhenTheFirstHasGone) {
  const Token one = TokenOf("one", 1);
  const Token two = TokenOf("two", 1);
  Change({WriteToken(one), WriteToken(two)});
  ASSERT_THAT(damages_, ElementsAre(HasSubstr(Id(1))));
  const Kept<Token>* const found = directory_.tokens().Find(Id(1));
  ASSERT_NE(found, nullptr);
  const Token& other = found->object == one ? two : one;
  Change({}, {{AclKind::kToken, Text(found->object.secret_hash)}});
  ASSERT_NE(directory_.tokens().Find(Id(1)), nullptr);
  EXPECT_EQ(directory_.tokens().Find(Id(1))->object, other);
}

TEST_F(DirectoryTest, WhatCannotBeReadIsToldOfOnceAndIsNotThere) {
  model::AclObject damaged = PolicyRecord(1, "a");
  damaged.content = Text("{");
  Change({damaged, PolicyRecord(2, "b")});
  EXPECT_THAT(damages_, ElementsAre(HasSubstr(Id(1))));
  EXPECT_THAT(Policies(), ElementsAre("b " + Id(2)));
  Change({PolicyRecord(3, "c")});
  EXPECT_EQ(damages_.size(), 1U);
  Change({PolicyRecord(1, "a")});
  EXPECT_EQ(IdOfPolicy("a"), Id(1));
}

TEST_F(DirectoryTest, AnExpiredTokenIsNotAlive) {
  Token token = TokenOf("one", 1);
  token.expiration_time = kNow;
  Change({WriteToken(token)});
  EXPECT_NE(directory_.FindLiveToken(Id(1), kNow), nullptr);
  EXPECT_EQ(directory_.FindLiveToken(Id(1), kNow + std::chrono::nanoseconds(1)), nullptr);
  EXPECT_EQ(directory_.FindLiveToken(Id(2), kNow), nullptr);
  EXPECT_NE(directory_.tokens().Find(Id(1)), nullptr);
}

TEST_F(DirectoryTest, NoTokenMayHaveWhatAnotherOneHas) {
  Change({WriteToken(TokenOf(Id(1), 2))});
  const auto problem = [this](const std::string& secret, int accessor) {
    const Result<void> free =
        CheckIsFree(TokenOf(secret, accessor), secret, directory_, catalog_.now());
    return free ? "" : free.error().message;
  };
  EXPECT_EQ(problem(Id(3), 4), "");
  EXPECT_EQ(problem(Id(3), 2), "Invalid Token: AccessorID is already in use");
  EXPECT_EQ(problem(Id(3), 1), "Invalid Token: AccessorID is already in use");
  EXPECT_EQ(problem(Id(1), 4), "Invalid Token: SecretID is already in use");
  EXPECT_EQ(problem(Id(2), 4), "Invalid Token: SecretID is already in use");
}

TEST_F(DirectoryTest, ASecretInCapitalsIsNoAccessorEither) {
  std::string secret = Id(1);
  std::transform(secret.begin(), secret.end(), secret.begin(),
                 [](char c) { return c == 'b' ? 'B' : c; });
  Change({WriteToken(TokenOf(secret, 2))});
  EXPECT_FALSE(CheckIsFree(TokenOf(Id(3), 1), Id(3), directory_, catalog_.now()));
  std::string accessor = Id(2);
  std::transform(accessor.begin(), accessor.end(), accessor.begin(),
                 [](char c) { return c == 'b' ? 'B' : c; });
  EXPECT_FALSE(CheckIsFree(TokenOf(accessor, 4), accessor, directory_, catalog_.now()));
}

TEST_F(DirectoryTest, StateThatCameFromABackupUnderTheSameIndexIsAnotherOne) {
  catalog::PlainCatalog restored = catalog_;
  Change({PolicyRecord(1, "one")});
  std::swap(catalog_, restored);
  Change({PolicyRecord(2, "two")});
  ASSERT_EQ(catalog_.now().acl_index(), restored.now().acl_index());
  EXPECT_THAT(Policies(), ElementsAre("two " + Id(2)));
}

}  // namespace
}  // namespace rollcall::acl
