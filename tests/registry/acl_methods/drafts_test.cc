#include "registry/acl/methods/drafts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "registry/acl/methods/answers.h"
#include "registry/acl/methods/login_request.h"
#include "registry/acl/methods/stored.h"
#include "registry/model/json.h"
#include "registry/model/records.h"
#include "tests/registry/acl_methods/samples.h"

namespace rollcall::acl {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string ErrorOf(const Result<AuthMethod>& method) {
  if (method) return "fine";
  EXPECT_EQ(method.error().code, ErrorCode::kInvalidArgument);
  return method.error().message;
}

std::string ErrorOf(const Result<BindingRule>& rule) {
  if (rule) return "fine";
  EXPECT_EQ(rule.error().code, ErrorCode::kInvalidArgument);
  return rule.error().message;
}

std::string MethodBody(const char* name = "Description", const json& value = "d") {
  json body = {{"Name", "ci"}, {"Type", "jwt"}, {"Config", FullConfig()}};
  body[name] = value;
  return body.dump();
}

Result<AuthMethod> MakeMethod(const std::string& body, const AuthMethod* existing = nullptr) {
  auto request = ParseAuthMethodRequest(body);
  if (!request) return request.error();
  return MakeAuthMethod(*std::move(request), existing);
}

TEST(MethodDraftTest, IsWhatTheClientAsksFor) {
  const auto method = MakeMethod(json{
      {"name", "ci"},
      {"type", "jwt"},
      {"DisplayName", "CI"},
      {"Description", "the build machines"},
      {"MaxTokenTTL", "1h30m"},
      {"TokenLocality", "global"},
      {"Config", FullConfig()},
      {"CreateIndex", 3},
      {"ModifyIndex", 4}}.dump());
  ASSERT_TRUE(method) << method.error().message;
  EXPECT_EQ(*method, FullMethod());
}

TEST(MethodDraftTest, WhatIsWrongIsSaidInConsulsWords) {
  const std::pair<std::string, const char*> kCases[] = {
      {"", "AuthMethod decoding failed: "},
      {"[]", "AuthMethod decoding failed: expected an object"},
      {MethodBody("Namespace", "x"), "AuthMethod decoding failed: unknown field \"Namespace\""},
      {MethodBody("Config", "x"), "AuthMethod decoding failed: Config: expected an object"},
      {MethodBody("MaxTokenTTL", "x"), "AuthMethod decoding failed: time: invalid duration"},
      {MethodBody("Name", ""), "Invalid Auth Method: no Name is set"},
      {MethodBody("Name", "a b"), "Invalid Auth Method: invalid Name"},
      {MethodBody("Name", "../x"), "Invalid Auth Method: invalid Name"},
      {MethodBody("Name", std::string(129, 'x')), "Invalid Auth Method: invalid Name"},
      {MethodBody("Type", ""), "Invalid Auth Method: Type should be one of: [jwt]"},
      {MethodBody("Type", "kubernetes"), "Invalid Auth Method: Type should be one of: [jwt]"},
      {MethodBody("MaxTokenTTL", "59s"), "MaxTokenTTL 59s cannot be less than 1m0s"},
      {MethodBody("MaxTokenTTL", "-1s"), "MaxTokenTTL -1s cannot be less than 1m0s"},
      {MethodBody("MaxTokenTTL", "24h1s"), "MaxTokenTTL 24h0m1s cannot be more than 24h0m0s"},
      {MethodBody("TokenLocality", "x"), "TokenLocality should be one of 'local' or 'global'"},
      {MethodBody("Config", json::object()), "Invalid Auth Method: exactly one of"},
      {MethodBody("Config", nullptr), "Invalid Auth Method: exactly one of"},
  };
  for (const auto& [body, error] : kCases) EXPECT_THAT(ErrorOf(MakeMethod(body)), HasSubstr(error));
}

TEST(MethodDraftTest, TypeAndNameStay) {
  const AuthMethod existing = FullMethod();
  json body = {{"Name", "CI"}, {"Config", FullConfig()}, {"Description", "new"}};
  const auto method = MakeMethod(body.dump(), &existing);
  ASSERT_TRUE(method) << method.error().message;
  EXPECT_EQ(method->name, "ci");
  EXPECT_EQ(method->type, "jwt");
  EXPECT_EQ(method->description, "new");
  EXPECT_EQ(method->display_name, "") << "what is not said is gone, as in Consul";
  body["Type"] = "oidc";
  EXPECT_EQ(ErrorOf(MakeMethod(body.dump(), &existing)),
            "the Type field of an Auth Method is immutable");
}

TEST(MethodDraftTest, AnAnswerCanBeSentBack) {
  const auto answer = AuthMethodJson(FullMethod(), {Index(3), Index(4)});
  const auto again = MakeMethod(model::Dump(answer));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, FullMethod());
}

class RuleDraftTest : public testing::Test {
 protected:
  static Result<BindingRule> Make(const json& body, const BindingRule* existing = nullptr) {
    auto request = ParseBindingRuleRequest(body.dump());
    if (!request) return request.error();
    return MakeBindingRule(
        *std::move(request), existing,
        [](std::string_view name) -> std::optional<AuthMethod> {
          if (name == "ci" || name == "CI") return FullMethod();
          return std::nullopt;
        },
        [](std::string_view selector, const jwt::Variables& variables) {
          EXPECT_TRUE(variables.values.contains("namespace") && variables.lists.contains("groups"));
          return selector == "bad" ? Result<void>(InvalidArgument("it is bad")) : Result<void>();
        });
  }

  static json Body(const char* name = "Description", const json& value = "d") {
    json body = {{"AuthMethod", "CI"},
                 {"Selector", "value.name == web"},
                 {"BindType", "role"},
                 {"BindName", "r-${value.namespace}"}};
    body[name] = value;
    return body;
  }
};

TEST_F(RuleDraftTest, IsWhatTheClientAsksForWithAnIdOfItsOwn) {
  const auto rule = Make(Body());
  ASSERT_TRUE(rule) << rule.error().message;
  EXPECT_TRUE(model::IsUuid(rule->id));
  EXPECT_EQ(rule->auth_method, "ci") << "as the method writes itself";
  EXPECT_EQ(rule->selector, "value.name == web");
  EXPECT_EQ(rule->bind_type, BindType::kRole);
  EXPECT_EQ(rule->bind_name, "r-${value.namespace}");
  EXPECT_NE(Make(Body())->id, rule->id);
}

TEST_F(RuleDraftTest, WhatIsWrongIsSaidInConsulsWords) {
  const std::pair<json, const char*> kCases[] = {
      {json::array(), "BindingRule decoding failed: expected an object"},
      {Body("BindVars", "x"), "BindingRule decoding failed: unknown field \"BindVars\""},
      {Body("ID", "x"), "Binding Rule ID invalid UUID"},
      {Body("AuthMethod", ""), "Invalid Binding Rule: no AuthMethod is set"},
      {Body("AuthMethod", "other"), "cannot find auth method with name \"other\""},
      {Body("Selector", "bad"), "invalid Binding Rule: Selector is invalid: it is bad"},
      {Body("BindType", ""), "Invalid Binding Rule: no BindType is set"},
      {Body("BindName", ""), "Invalid Binding Rule: no BindName is set"},
      {Body("BindType", "policy"), "Invalid Binding Rule: unknown BindType \"policy\""},
      {Body("BindName", "${value.other}"), "Invalid Binding Rule: invalid BindName: error"},
      {Body("BindName", "${value.groups}"), "unknown variable accessed"},
      {Body("BindName", "a b"), "Invalid Binding Rule: invalid BindName: computed \"role\""},
  };
  for (const auto& [body, error] : kCases) {
    EXPECT_THAT(ErrorOf(Make(body)), HasSubstr(error)) << body;
  }
}

TEST_F(RuleDraftTest, ItsMethodStays) {
  const BindingRule existing = FullRule();
  json body = Body("ID", kRuleId);
  body.erase("AuthMethod");
  const auto rule = Make(body, &existing);
  ASSERT_TRUE(rule) << rule.error().message;
  EXPECT_EQ(rule->id, kRuleId);
  EXPECT_EQ(rule->auth_method, "ci");
  EXPECT_EQ(rule->bind_type, BindType::kRole);
  body["AuthMethod"] = "other";
  EXPECT_EQ(ErrorOf(Make(body, &existing)), "the AuthMethod field of an Binding Rule is immutable");
}

TEST_F(RuleDraftTest, AnAnswerCanBeSentBack) {
  const BindingRule existing = FullRule();
  const auto answer = BindingRuleJson(existing, {Index(3), Index(4)});
  const auto again = Make(json::parse(model::Dump(answer)), &existing);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*again, existing);
}

// Members in Consul's order.
TEST(MethodAnswersTest, AreConsuls) {
  AuthMethod method = FullMethod();
  method.config = R"({"ClockSkewLeeway":"60s","JWKSURL":"https://i/keys"})";
  EXPECT_EQ(model::Dump(AuthMethodJson(method, {Index(3), Index(4)})),
            R"({"MaxTokenTTL":"1h30m0s","Name":"ci","Type":"jwt","DisplayName":"CI",)"
            R"("Description":"the build machines","TokenLocality":"global",)"
            R"("Config":{"ClockSkewLeeway":"60s","JWKSURL":"https://i/keys"},)"
            R"("CreateIndex":3,"ModifyIndex":4})");
  EXPECT_EQ(
      model::Dump(AuthMethodListedJson({"m", "jwt", "", "", {}, "", "{}"}, {Index(3), Index(4)})),
      R"({"Name":"m","Type":"jwt","CreateIndex":3,"ModifyIndex":4})");
  EXPECT_EQ(model::Dump(BindingRuleJson(FullRule(), {Index(3), Index(4)})),
            R"({"ID":"eeeeeeee-0000-4000-8000-000000000001","Description":"of \"web\"",)"
            R"("AuthMethod":"ci","Selector":"value.name == web and ops in list.groups",)"
            R"("BindType":"service","BindName":"${value.name}-api","CreateIndex":3,)"
            R"("ModifyIndex":4})");
}

TEST(LoginRequestTest, SaysWhoLogsInAndForWhat) {
  const auto request = ParseLoginRequest(
      R"({"AuthMethod": "ci", "BearerToken": "a.b.c", "Meta": {"job": "7", "a": "\""}})");
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->auth_method, "ci");
  EXPECT_EQ(request->bearer_token, "a.b.c");
  EXPECT_EQ(LoginDescription(*request), R"(token created via login: {"a":"\"","job":"7"})");
  EXPECT_EQ(LoginDescription({"ci", "a.b.c", {}}), "token created via login");
}

// The description of a token is in the memory of each server.
TEST(LoginRequestTest, MetaIsBoundedAsAWhole) {
  json body = {{"AuthMethod", "ci"}, {"BearerToken", "t"}};
  for (const char* key : {"k1", "k2", "k3", "k4"}) body["Meta"][key] = std::string(510, 'x');
  const auto full = ParseLoginRequest(body.dump());
  ASSERT_TRUE(full) << full.error().message;
  size_t bytes = 0;
  for (const auto& [key, value] : full->meta) bytes += key.size() + value.size();
  EXPECT_EQ(bytes, kMaxLoginMetaBytes);
  body["Meta"]["k"] = "";
  const auto more = ParseLoginRequest(body.dump());
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(more.error().message,
            "Failed to decode request body: Meta has 2049 bytes of keys and values: there may be "
            "2048");
}

TEST(LoginRequestTest, WhatIsMissingOrTooMuchIsRefused) {
  json many = {{"AuthMethod", "ci"}, {"BearerToken", "t"}};
  for (int i = 0; i < 65; ++i) many["Meta"][std::to_string(i)] = "";
  const std::pair<std::string, const char*> kCases[] = {
      {"", "Failed to decode request body: "},
      {"7", "Failed to decode request body: expected an object"},
      {R"({"AuthMethod": "ci", "BearerToken": "t", "x": 1})", "unknown field \"x\""},
      {R"({"AuthMethod": "ci", "BearerToken": 7})", "BearerToken: expected a string"},
      {R"({"AuthMethod": "ci", "BearerToken": "t", "Meta": []})", "Meta: expected an object"},
      {R"({"AuthMethod": "ci", "BearerToken": "t", "Meta": {"a": 1}})", "Meta: expected strings"},
      {many.dump(), "Meta has 65 pairs: there may be 64"},
      {R"({"AuthMethod": "ci", "BearerToken": "t", "Meta": {"a": ")" + std::string(513, 'x') +
           "\"}}",
       "values up to 512"},
      {R"({"AuthMethod": "ci", "BearerToken": "t", "Meta": {")" + std::string(129, 'x') +
           "\": \"\"}}",
       "keys have up to 128"},
      {R"({"BearerToken": "t"})", "AuthMethod is missing"},
      {R"({"AuthMethod": "ci"})", "BearerToken is missing"},
  };
  for (const auto& [body, error] : kCases) {
    const auto request = ParseLoginRequest(body);
    ASSERT_FALSE(request) << body;
    EXPECT_EQ(request.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(request.error().message, HasSubstr(error));
  }
}

}  // namespace
}  // namespace rollcall::acl
