#include "registry/acl/methods/stored.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/registry/acl_methods/samples.h"

namespace rollcall::acl {
namespace {

using model::AclKind;
using model::AclObject;
using testing::HasSubstr;

AclObject WithContent(AclObject object, std::string_view content) {
  object.content = content;
  return object;
}

std::string ChangedIn(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from << " in " << text;
  return text.replace(at, from.size(), to);
}

TEST(StoredMethodTest, WhatIsWrittenIsRead) {
  const auto method = ReadAuthMethod(WriteAuthMethod(FullMethod()));
  ASSERT_TRUE(method) << method.error().message;
  EXPECT_EQ(*method, FullMethod());
  const auto rule = ReadBindingRule(WriteBindingRule(FullRule()));
  ASSERT_TRUE(rule) << rule.error().message;
  EXPECT_EQ(*rule, FullRule());
}

TEST(StoredMethodTest, WhatSaysLittleIsReadToo) {
  const AuthMethod method = {"m", "jwt", "", "", {}, "", "{}"};
  EXPECT_EQ(ReadAuthMethod(WriteAuthMethod(method)).value(), method);
  for (const BindType type : {BindType::kService, BindType::kNode, BindType::kRole}) {
    const BindingRule rule = {kRuleId, "", "m", "", type, "x"};
    EXPECT_EQ(ReadBindingRule(WriteBindingRule(rule)).value(), rule);
  }
}

// The bytes are what other servers and later versions read.
TEST(StoredMethodTest, TheFormIsFixed) {
  AuthMethod method = FullMethod();
  method.config = R"({"BoundIssuer":"i","JWKSURL":"https://i/keys","x":1.5})";
  const AclObject stored = WriteAuthMethod(method);
  EXPECT_EQ(stored.kind, AclKind::kAuthMethod);
  EXPECT_EQ(stored.id.view(), "ci");
  EXPECT_EQ(stored.content.view(),
            R"({"V":1,"Name":"ci","Type":"jwt","DisplayName":"CI",)"
            R"("Description":"the build machines","MaxTokenTTL":5400000000000,)"
            R"("TokenLocality":"global",)"
            R"("Config":{"BoundIssuer":"i","JWKSURL":"https://i/keys","x":1.5}})");
  const AclObject rule = WriteBindingRule(FullRule());
  EXPECT_EQ(rule.kind, AclKind::kBindingRule);
  EXPECT_EQ(rule.id.view(), kRuleId);
  EXPECT_EQ(rule.content.view(),
            R"({"V":1,"ID":"eeeeeeee-0000-4000-8000-000000000001","Description":"of \"web\"",)"
            R"("AuthMethod":"ci","Selector":"value.name == web and ops in list.groups",)"
            R"("BindType":"service","BindName":"${value.name}-api"})");
}

TEST(StoredMethodTest, ADamagedMethodIsNone) {
  const AclObject good = WriteAuthMethod(FullMethod());
  const std::string text = good.content.str();
  for (const std::string& content :
       {std::string(), std::string("{}"), std::string("null"), text.substr(1), text + ' ',
        ChangedIn(text, "\"V\":1", "\"V\":2"), ChangedIn(text, "\"ci\"", "\"other\""),
        ChangedIn(text, "5400000000000", "\"90m\""), ChangedIn(text, "5400000000000", "0"),
        ChangedIn(text, "\"Config\":{", "\"Config\":{\"ZZ\":1,"),
        ChangedIn(text, "\"Config\":{", "\"Config\":[],\"More\":{"),
        ChangedIn(text, "\"ClaimMappings\"", "\"Claim Mappings\":1,\"Config\""),
        ChangedIn(text, "\"DisplayName\":\"CI\",", "\"DisplayName\":\"\",")}) {
    const auto method = ReadAuthMethod(WithContent(good, content));
    ASSERT_FALSE(method) << content;
    EXPECT_EQ(method.error().code, ErrorCode::kCorruption);
    EXPECT_THAT(method.error().message, HasSubstr("the stored auth-method \"ci\" cannot be read"));
  }
}

TEST(StoredMethodTest, ADamagedRuleIsNone) {
  const AclObject good = WriteBindingRule(FullRule());
  const std::string text = good.content.str();
  for (const std::string& content :
       {std::string(), std::string("{}"), text + text, ChangedIn(text, "\"V\":1,", ""),
        ChangedIn(text, "\"BindType\":\"service\"", "\"BindType\":\"policy\""),
        ChangedIn(text, "\"BindType\":\"service\"", "\"BindType\":1"),
        ChangedIn(text, "\"BindType\":\"service\",", ""), ChangedIn(text, kRuleId, "x"),
        ChangedIn(text, "\"AuthMethod\"", "\"authmethod\"")}) {
    const auto rule = ReadBindingRule(WithContent(good, content));
    ASSERT_FALSE(rule) << content;
    EXPECT_EQ(rule.error().code, ErrorCode::kCorruption);
    EXPECT_THAT(rule.error().message, HasSubstr("the stored binding-rule"));
  }
}

}  // namespace
}  // namespace rollcall::acl
