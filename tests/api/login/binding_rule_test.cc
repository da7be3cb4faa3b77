// /v1/acl/binding-rule and /v1/acl/binding-rules, as Consul's clients use them.
#include <gmock/gmock.h>

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
