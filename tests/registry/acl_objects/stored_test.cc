#include "registry/acl/objects/stored.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "registry/acl/objects/drafts.h"
#include "registry/acl/rule_parser.h"
#include "registry/base/ascii.h"
#include "tests/registry/acl_objects/samples.h"

namespace rollcall::acl {
namespace {

using model::AclKind;
using model::AclObject;
using testing::HasSubstr;

template <typename T>
void ExpectSame(const Result<T>& read, const T& written) {
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, written);
}

// The record `object` with another content.
AclObject With(AclObject object, std::string_view content) {
  object.content = content;
  return object;
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from << " in " << text;
  return text.replace(at, from.size(), to);
}

TEST(StoredTest, WhatIsWrittenIsRead) {
  ExpectSame(ReadToken(WriteToken(FullToken())), FullToken());
  ExpectSame(ReadPolicy(WritePolicy(FullPolicy())), FullPolicy());
  ExpectSame(ReadRole(WriteRole(FullRole())), FullRole());
}

TEST(StoredTest, WhatSaysLittleIsReadToo) {
  ExpectSame(ReadToken(WriteToken(AnonymousToken(UtcTime()))), AnonymousToken(UtcTime()));
  ExpectSame(ReadPolicy(WritePolicy(GlobalManagementPolicy())), GlobalManagementPolicy());
  const Role role = {kRoleId, "r", "", {}, {}, {}};
  ExpectSame(ReadRole(WriteRole(role)), role);
}

TEST(StoredTest, TimesAtTheEndsAreKept) {
  Token token = FullToken();
  token.create_time = UtcTime::min();
  token.expiration_time = UtcTime::max();
  ExpectSame(ReadToken(WriteToken(token)), token);
}

// The bytes are what other servers and later versions read.
TEST(StoredTest, TheFormIsFixed) {
  const AclObject object = WriteToken(FullToken());
  EXPECT_EQ(object.kind, AclKind::kToken);
  EXPECT_EQ(object.id.view(), HashSecret(kSecret));
  EXPECT_EQ(
      object.content.view(),
      R"({"V":1,"AccessorID":"dddddddd-0000-4000-8000-000000000001","Description":"of \"web\"\né",)"
      R"("Policies":["aaaaaaaa-0000-4000-8000-000000000001","aaaaaaaa-0000-4000-8000-000000000002"],)"
      R"("Roles":["cccccccc-0000-4000-8000-000000000001"],)"
      R"("ServiceIdentities":[{"ServiceName":"api","Datacenters":["dc1","dc2"]},{"ServiceName":"web"}],)"
      R"("NodeIdentities":[{"NodeName":"n1","Datacenter":"dc1"}],"Local":true,)"
      R"("AuthMethod":"minikube","CreateTime":1795724134000000123,)"
      R"("ExpirationTime":1795727734000000123})");
  EXPECT_EQ(WritePolicy(FullPolicy()).kind, AclKind::kPolicy);
  EXPECT_EQ(WritePolicy(FullPolicy()).id.view(), kPolicyId);
  EXPECT_EQ(WriteRole(FullRole()).kind, AclKind::kRole);
  EXPECT_EQ(WriteRole(FullRole()).id.view(), kRoleId);
}

// Whether any eight characters of `secret` are in the text.
bool HoldsAPartOf(std::string_view secret, std::string_view text) {
  for (size_t at = 0; at + 8 <= secret.size(); ++at) {
    if (text.find(secret.substr(at, 8)) != std::string_view::npos) return true;
  }
  return false;
}

TEST(StoredTest, TheSecretIsNotInTheRecord) {
  const LinkFinders no_links;
  TokenRequest request;
  request.secret_id = kSecret;
  request.accessor_id = "dddddddd-1111-4111-9111-111111111111";
  const auto chosen = NewToken(request, no_links, UtcTime());
  const auto random = NewToken(TokenRequest(), no_links, UtcTime());
  ASSERT_TRUE(chosen && random);
  const auto cloned = ClonedToken(chosen->token, "", UtcTime());
  ASSERT_TRUE(cloned);
  for (const TokenAndSecret& made : {*chosen, *random, *cloned}) {
    const AclObject object = WriteToken(made.token);
    ASSERT_EQ(made.secret.size(), 36U);
    EXPECT_EQ(object.id.view(), HashSecret(made.secret)) << "it is the secret that grants";
    for (const std::string_view text : {object.content.view(), object.id.view()}) {
      EXPECT_FALSE(HoldsAPartOf(made.secret, AsciiLower(text))) << text;
    }
  }
}

TEST(StoredTest, ADamagedTokenIsNoToken) {
  const AclObject good = WriteToken(FullToken());
  const std::string text = good.content.str();
  const std::string bad[] = {
      "",
      "null",
      "[]",
      "\"V\"",
      "{}",
      "{\"V\":1}",
      text.substr(0, text.size() - 1),
      text + " ",
      text + text,
      std::string(100'000, '['),
      Replaced(text, "{\"V\":1,", "{"),
      Replaced(text, "\"V\":1", "\"V\":2"),
      Replaced(text, "\"V\":1", "\"V\":\"1\""),
      Replaced(text, "\"V\":1", "\"V\":1.0"),
      Replaced(text, "\"V\":1", "\"v\":1"),
      Replaced(text, "\"AccessorID\":\"d", "\"AccessorID\":\"x"),
      Replaced(text, "\"Local\":true", "\"Local\":false"),
      Replaced(text, "\"Local\":true", "\"Local\":1"),
      Replaced(text, "\"Local\":true", "\"Local\":true,\"Local\":true"),
      Replaced(text, "\"Local\":true", "\"Local\":true,\"Extra\":1"),
      Replaced(text, "1795727734000000123", "-1e400"),
      Replaced(text, "1795727734000000123", "18446744073709551615"),
      Replaced(text, "1795727734000000123", "null"),
      Replaced(text, "1795724134000000123", "\"1s\""),
      Replaced(text, "[\"cccc", "[null,\"cccc"),
      Replaced(text, "{\"ServiceName\":\"web\"}", "null"),
      Replaced(text, "{\"ServiceName\":\"web\"}", "{\"ServiceName\":\"web\",\"Datacenters\":[]}"),
      Replaced(text, "é", "\xff"),
      Replaced(text, "é", "\\u00e9")};
  for (const std::string& content : bad) {
    const auto token = ReadToken(With(good, content));
    ASSERT_FALSE(token) << content;
    EXPECT_EQ(token.error().code, ErrorCode::kCorruption) << content;
    EXPECT_THAT(token.error().message, HasSubstr("the stored token \"" + good.id.str() + '"'));
  }
}

TEST(StoredTest, ATokensIdIsTheHashOfASecret) {
  for (const std::string& id : {std::string(), std::string(kSecret), std::string(64, 'X')}) {
    AclObject object = WriteToken(FullToken());
    object.id = id;
    EXPECT_FALSE(ReadToken(object)) << id;
  }
}

TEST(StoredTest, APolicyOrRoleUnderAnotherIdIsDamage) {
  AclObject policy = WritePolicy(FullPolicy());
  policy.id = kOtherPolicyId;
  ASSERT_FALSE(ReadPolicy(policy));
  EXPECT_THAT(ReadPolicy(policy).error().message,
              HasSubstr("the stored policy \"" + std::string(kOtherPolicyId) + '"'));
  AclObject role = WriteRole(FullRole());
  role.id = kPolicyId;
  ASSERT_FALSE(ReadRole(role));
  EXPECT_EQ(ReadRole(role).error().code, ErrorCode::kCorruption);
}

TEST(StoredTest, OneKindIsNotReadAsAnother) {
  EXPECT_FALSE(ReadPolicy(WriteRole(FullRole())));
  EXPECT_FALSE(ReadRole(WritePolicy(FullPolicy())));
  EXPECT_FALSE(ReadToken(WriteRole(FullRole())));
}

TEST(StoredTest, TheHashFollowsTheContent) {
  const std::string hash = ContentHash(WritePolicy(FullPolicy()));
  EXPECT_EQ(hash.size(), 44U) << "32 bytes in Base64";
  EXPECT_EQ(ContentHash(WritePolicy(FullPolicy())), hash);
  Policy changed = FullPolicy();
  changed.description += '.';
  EXPECT_NE(ContentHash(WritePolicy(changed)), hash);
}

TEST(StoredTest, TheBuiltInPolicysRulesCanBeParsed) {
  const auto rules = ParseRules(GlobalManagementPolicy().rules);
  ASSERT_TRUE(rules) << rules.error().message;
  EXPECT_EQ(rules->of(Scalar::kAcl), Access::kWrite);
}

}  // namespace
}  // namespace rollcall::acl
