// /v1/acl/binding-rule and /v1/acl/binding-rules, as Consul's clients use them.
#include <gmock/gmock.h>

#include "registry/acl/methods/stored.h"
#include "tests/api/login/login_fixture.h"

namespace rollcall::api {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

class BindingRuleTest : public LoginApiTest {
 protected:
  BindingRuleTest() { NewMethod("ci", PemConfig()); }
};

TEST_F(BindingRuleTest, IsShownAsItWasMade) {
  const json made = NewRule("CI", "service", "${value.team}-api", "ops in list.groups");
  EXPECT_EQ(made["AuthMethod"], "ci");
  EXPECT_EQ(made["Selector"], "ops in list.groups");
  EXPECT_TRUE(model::IsUuid(made["ID"].get<std::string>()));
  EXPECT_EQ(Ok(GetAcl("binding-rule/" + made["ID"].get<std::string>())), made);
}

TEST_F(BindingRuleTest, AreListedOfOneMethodOrAll) {
  NewMethod("other", PemConfig());
  NewRule("ci", "service", "web");
  NewRule("other", "role", "ops");
  EXPECT_EQ(Ok(GetAcl("binding-rules")).size(), 2U);
  EXPECT_THAT(Each(GetAcl("binding-rules?authmethod=OTHER"), "BindName"), ElementsAre("ops"));
  EXPECT_EQ(Ok(GetAcl("binding-rules?authmethod=none")), json::array());
}

TEST_F(BindingRuleTest, AnUpdateReplacesWhatCanChange) {
  const json made = NewRule("ci", "service", "web", "ops in list.groups");
  const std::string path = "binding-rule/" + made["ID"].get<std::string>();
  const json changed = Ok(PutAcl(path, {{"BindType", "role"}, {"BindName", "ops"}}));
  EXPECT_EQ(changed["AuthMethod"], "ci");
  EXPECT_EQ(changed["Selector"], "");
  EXPECT_EQ(changed["BindType"], "role");
  EXPECT_EQ(changed["CreateIndex"], made["CreateIndex"]);
  NewMethod("other", PemConfig());
  EXPECT_THAT(
      Why(PutAcl(path, {{"AuthMethod", "other"}, {"BindType", "role"}, {"BindName", "ops"}})),
      HasSubstr("AuthMethod field of an Binding Rule is immutable"));
  EXPECT_EQ(Why(PutAcl(path, {{"ID", kNobody}})),
            "400 BindingRule ID in URL and payload do not match");
  EXPECT_EQ(Why(PutAcl("binding-rule", {{"ID", kNobody}})),
            "400 BindingRule ID in URL and payload do not match");
  EXPECT_EQ(Why(PutAcl("binding-rule/" + std::string(kNobody), json::object())),
            "404 cannot find binding rule " + std::string(kNobody));
  EXPECT_EQ(Why(PutAcl("binding-rule/x", json::object())), "400 Binding Rule ID invalid UUID");
}

TEST_F(BindingRuleTest, WhatCannotBecomeOneIsRefused) {
  const auto refused = [this](const json& change) {
    json rule = {{"AuthMethod", "ci"}, {"BindType", "service"}, {"BindName", "web"}};
    rule.update(change);
    return Why(PutAcl("binding-rule", rule));
  };
  EXPECT_THAT(refused({{"AuthMethod", "none"}}), HasSubstr("cannot find auth method with name"));
  EXPECT_THAT(refused({{"BindType", "god"}}), HasSubstr("unknown BindType"));
  EXPECT_THAT(refused({{"BindName", "${value.secret}"}}), HasSubstr("invalid BindName"));
  EXPECT_THAT(refused({{"BindName", "A B"}}), HasSubstr("invalid BindName"));
  EXPECT_THAT(refused({{"Selector", "team =="}}), HasSubstr("Selector is invalid"));
  EXPECT_THAT(refused({{"Selector", std::string(10'000, '(')}}), HasSubstr("Selector is invalid"));
  EXPECT_THAT(Why(PutAclText("binding-rule", R"({"BindName":"a","bindname":"b"})")),
              StartsWith("400 BindingRule decoding failed"));
  EXPECT_EQ(Ok(GetAcl("binding-rules")).size(), 0U);
}

// A name that is misspelt is unequal to everything: the rule would be for everybody.
TEST_F(BindingRuleTest, ASelectorNamesWhatTheMethodMaps) {
  const json rule = NewRule("ci", "service", "web", "value.team != guests");
  const json misspelt = {
      {"BindType", "service"}, {"BindName", "web"}, {"Selector", "value.taem != guests"}};
  json made = misspelt;
  made["AuthMethod"] = "ci";
  const std::string why =
      "400 invalid Binding Rule: Selector is invalid: unknown variable \"value.taem\": the auth "
      "method has value.team, list.groups";
  EXPECT_EQ(Why(PutAcl("binding-rule", made)), why);
  EXPECT_EQ(Why(PutAcl("binding-rule/" + rule["ID"].get<std::string>(), misspelt)), why);
  EXPECT_THAT(Each(GetAcl("binding-rules"), "Selector"), ElementsAre("value.team != guests"));
}

TEST_F(BindingRuleTest, AMethodKeepsWhatItsRulesAskFor) {
  const json rule = NewRule("ci", "service", "web", "value.team != guests");
  json config = PemConfig();
  config["ClaimMappings"] = {{"team", "group"}};
  EXPECT_THAT(Why(PutAcl("auth-method/ci", {{"Config", config}})),
              StartsWith("400 Invalid Auth Method: its binding rule " +
                         rule["ID"].get<std::string>() + " would not go with it any more: "));
  config["ClaimMappings"]["/team"] = "team";
  EXPECT_EQ(PutAcl("auth-method/ci", {{"Config", config}}).status, 200) << "it has both";
  EXPECT_EQ(Why(DeleteAcl("binding-rule/" + rule["ID"].get<std::string>())), "200 true");
  config["ClaimMappings"].erase("/team");
  EXPECT_EQ(PutAcl("auth-method/ci", {{"Config", config}}).status, 200);
}

// Made before selectors were looked at, or by whoever writes to the store.
TEST_F(BindingRuleTest, AnOldSelectorThatIsMisspeltGivesNothing) {
  const acl::BindingRule old{kNobody, "", "ci", "value.taem != guests", acl::BindType::kService,
                             "web"};
  Write(
      model::ChangeAcl{catalog().snapshots().Get()->acl_index(), {acl::WriteBindingRule(old)}, {}});
  EXPECT_EQ(Why(LogIn("ci", GoodJwt())), "403 Permission denied");
  EXPECT_THAT(Log(),
              HasSubstr("a login: auth method \"ci\": the binding rule " + std::string(kNobody) +
                        " gives nothing to anybody: its selector: unknown variable "
                        "\"value.taem\": the auth method has value.team, list.groups"));
}

TEST_F(BindingRuleTest, OneThatIsRemovedGivesNothingAnyMore) {
  const json rule = NewRule("ci", "service", "web");
  const json token = Ok(LogIn("ci", GoodJwt()));
  const std::string path = "binding-rule/" + rule["ID"].get<std::string>();
  EXPECT_EQ(Why(DeleteAcl(path)), "200 true");
  EXPECT_EQ(Why(DeleteAcl(path)), "200 true");
  EXPECT_EQ(Why(GetAcl(path)), "403 ACL not found");
  EXPECT_EQ(Why(DeleteAcl("binding-rule/")), "400 Missing binding rule ID");
  EXPECT_EQ(Why(LogIn("ci", GoodJwt())), "403 Permission denied");
  EXPECT_EQ(GetAs(token["SecretID"], "/v1/acl/token/self").status, 200);
}

}  // namespace
}  // namespace rollcall::api
