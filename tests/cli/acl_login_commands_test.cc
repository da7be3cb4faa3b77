// `rollcall acl auth-method` and `rollcall acl binding-rule`: the real program against a server
// that answers what the test tells it to.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/cli/acl_commands_fixture.h"

namespace rollcall::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr const char* kMethodAnswer = R"({"MaxTokenTTL": "30m0s", "Name": "ci", "Type": "jwt",
  "Description": "of the builders", "TokenLocality": "local",
  "Config": {"JWKSURL": "https://issuer.example/keys"}, "CreateIndex": 7, "ModifyIndex": 7})";
constexpr const char* kRuleAnswer = R"({"ID": "b1", "Description": "", "AuthMethod": "ci",
  "Selector": "value.job == web", "BindType": "service", "BindName": "${value.job}",
  "CreateIndex": 8, "ModifyIndex": 8})";

class AclLoginCommandsTest : public AclCommandsFixture {};

TEST_F(AclLoginCommandsTest, MethodIsMadeOfAllThatTheFlagsSay) {
  registry_.Set("/v1/acl/auth-method", {.body = kMethodAnswer});
  const std::string config = R"({"JWKSURL": "https://issuer.example/keys"})";
  for (const std::string& from : {config, "@" + dir_.Write("ci.json", config), std::string("-")}) {
    const e2e::Finished result =
        Acl({"auth-method", "create", "-name", "ci", "-type", "jwt", "-display-name", "CI",
             "-description", "of the builders", "-max-token-ttl", "30m", "-token-locality", "local",
             "-config", from},
            from == "-" ? config : "");
    EXPECT_EQ(result.code, 0) << result.errors;
    EXPECT_EQ(LastBody("PUT /v1/acl/auth-method"), nlohmann::json::parse(R"({
        "Name": "ci", "Type": "jwt", "DisplayName": "CI", "Description": "of the builders",
        "MaxTokenTTL": "30m", "TokenLocality": "local",
        "Config": {"JWKSURL": "https://issuer.example/keys"}})"));
    EXPECT_EQ(result.output,
              "Name:               ci\n"
              "Type:               jwt\n"
              "Description:        of the builders\n"
              "Max Token TTL:      30m0s\n"
              "Token Locality:     local\n"
              "Config:\n"
              "{\n"
              "  \"JWKSURL\": \"https://issuer.example/keys\"\n"
              "}\n");
  }
  EXPECT_EQ(registry_.Tokens().back(), "management");
}

TEST_F(AclLoginCommandsTest, ConfigurationThatIsNoObjectIsSaidBeforeAnythingIsAsked) {
  for (const std::string& config : {std::string("{"), std::string("[]"), std::string("@nowhere")}) {
    const e2e::Finished result =
        Acl({"auth-method", "create", "--name", "ci", "--type", "jwt", "--config", config});
    EXPECT_EQ(result.code, 1);
    EXPECT_THAT(result.errors,
                HasSubstr(config == "@nowhere" ? "cannot read nowhere: No such file or directory"
                                               : "--config"));
  }
  EXPECT_THAT(registry_.Requests(), IsEmpty());
}

TEST_F(AclLoginCommandsTest, UpdateOfAMethodLeavesWhatItDoesNotName) {
  registry_.Set("/v1/acl/auth-method/ci", {.body = kMethodAnswer});
  EXPECT_EQ(Acl({"auth-method", "update", "--name", "ci", "--max-token-ttl", "1h"}).code, 0);
  const nlohmann::json body = LastBody("PUT /v1/acl/auth-method/ci");
  EXPECT_EQ(body["MaxTokenTTL"], "1h");
  EXPECT_EQ(body["Description"], "of the builders");
  EXPECT_EQ(body["Config"]["JWKSURL"], "https://issuer.example/keys");
}

TEST_F(AclLoginCommandsTest, MethodsAreReadListedAndDeleted) {
  registry_.Set("/v1/acl/auth-method/ci", {.body = kMethodAnswer});
  EXPECT_THAT(Acl({"auth-method", "read", "--name", "ci"}).output, HasSubstr("30m0s"));
  registry_.Set("/v1/acl/auth-methods", {.body = std::string("[") + kMethodAnswer + "]"});
  EXPECT_EQ(Acl({"auth-method", "list"}).output,
            "NAME  TYPE  DESCRIPTION      MAX TTL\n"
            "ci    jwt   of the builders  30m0s\n");
  registry_.Set("DELETE /v1/acl/auth-method/ci", {.body = "true"});
  EXPECT_EQ(Acl({"auth-method", "delete", "--name", "ci"}).output, "deleted auth-method ci\n");
  EXPECT_EQ(registry_.Requests().back(), "DELETE /v1/acl/auth-method/ci");
}

TEST_F(AclLoginCommandsTest, RuleIsMadeOfAllThatTheFlagsSay) {
  registry_.Set("/v1/acl/binding-rule", {.body = kRuleAnswer});
  const e2e::Finished result =
      Acl({"binding-rule", "create", "-method", "ci", "-bind-type", "service", "-bind-name",
           "${value.job}", "-selector", "value.job == web", "-description", "web alone"});
  EXPECT_EQ(result.code, 0) << result.errors;
  EXPECT_EQ(LastBody("PUT /v1/acl/binding-rule"), nlohmann::json::parse(R"({
      "AuthMethod": "ci", "BindType": "service", "BindName": "${value.job}",
      "Selector": "value.job == web", "Description": "web alone"})"));
  EXPECT_EQ(result.output,
            "ID:                 b1\n"
            "Auth Method:        ci\n"
            "Description:        \n"
            "Bind Type:          service\n"
            "Bind Name:          ${value.job}\n"
            "Selector:           value.job == web\n");
}

TEST_F(AclLoginCommandsTest, UpdateOfARuleLeavesWhatItDoesNotName) {
  registry_.Set("/v1/acl/binding-rule/b1", {.body = kRuleAnswer});
  EXPECT_EQ(Acl({"binding-rule", "update", "--id", "b1", "--selector", ""}).code, 0);
  const nlohmann::json body = LastBody("PUT /v1/acl/binding-rule/b1");
  EXPECT_EQ(body["Selector"], "");
  EXPECT_EQ(body["BindName"], "${value.job}");
  EXPECT_EQ(body["AuthMethod"], "ci");
}

TEST_F(AclLoginCommandsTest, RulesAreReadListedAndDeleted) {
  registry_.Set("/v1/acl/binding-rule/b1", {.body = kRuleAnswer});
  EXPECT_THAT(Acl({"binding-rule", "read", "--id", "b1", "--json"}).output, HasSubstr("BindName"));
  registry_.Set("/v1/acl/binding-rules", {.body = std::string("[") + kRuleAnswer + "]"});
  EXPECT_EQ(Acl({"binding-rule", "list", "--method", "c i"}).output,
            "ID  METHOD  BIND TYPE  BIND NAME     SELECTOR          DESCRIPTION\n"
            "b1  ci      service    ${value.job}  value.job == web  -\n");
  EXPECT_EQ(registry_.Requests().back(), "GET /v1/acl/binding-rules?authmethod=c%20i");
  registry_.Set("DELETE /v1/acl/binding-rule/b1", {.body = "true"});
  EXPECT_EQ(Acl({"binding-rule", "delete", "--id", "b1"}).output, "deleted binding-rule b1\n");
}

// The server says "true" to the removal of what is not there: nothing was revoked.
TEST_F(AclLoginCommandsTest, RemovalOfWhatIsNotThereFails) {
  registry_.Set("/v1/acl/auth-method/nope", {.status = 403, .body = "ACL not found"});
  registry_.Set("/v1/acl/binding-rule/b7", {.status = 403, .body = "ACL not found"});
  registry_.Set("DELETE /v1/acl/auth-method/nope", {.body = "true"});
  registry_.Set("DELETE /v1/acl/binding-rule/b7", {.body = "true"});
  const e2e::Finished method = Acl({"auth-method", "delete", "--name", "nope"});
  EXPECT_EQ(method.code, 1);
  EXPECT_EQ(method.output, "");
  EXPECT_THAT(method.errors, HasSubstr("there is no auth-method nope"));
  const e2e::Finished rule = Acl({"binding-rule", "delete", "--id", "b7"});
  EXPECT_EQ(rule.code, 1);
  EXPECT_THAT(rule.errors, HasSubstr("there is no binding-rule b7"));
}

TEST_F(AclLoginCommandsTest, RemovalWithATokenThatIsNoneSaysSo) {
  registry_.Set("/v1/acl/auth-method/ci", {.status = 403, .body = "ACL not found"});
  const e2e::Finished result = Acl({"auth-method", "delete", "--name", "ci"});
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.errors, HasSubstr("403: ACL not found"));
  EXPECT_THAT(result.errors, testing::Not(HasSubstr("there is no auth-method")));
}

TEST_F(AclLoginCommandsTest, WhatIsNeededHasToBeSaid) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"auth-method"},
        {"auth-method", "create", "--name", "ci"},
        {"auth-method", "create", "--type", "jwt"},
        {"auth-method", "update", "--description", "x"},
        {"auth-method", "read"},
        {"auth-method", "delete"},
        {"binding-rule"},
        {"binding-rule", "create", "--method", "ci", "--bind-type", "service"},
        {"binding-rule", "create", "--bind-name", "x", "--bind-type", "service"},
        {"binding-rule", "update", "--selector", "x"},
        {"binding-rule", "read"},
        {"binding-rule", "delete"}}) {
    EXPECT_EQ(Acl(arguments).code, 2);
  }
  EXPECT_THAT(registry_.Requests(), IsEmpty());
}

}  // namespace
}  // namespace rollcall::cli
