#include "api/acl_login/login.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "api/acl_login/rule_check.h"
#include "api/acl_login/selector.h"
#include "registry/acl/methods/config.h"
#include "registry/acl/objects/grants.h"
#include "registry/acl/objects/secrets.h"
#include "registry/acl/objects/stored.h"
#include "registry/model/records.h"
#include "tests/registry/jwt/issuer.h"

namespace rollcall::api::acl_login {
namespace {

using acl::BindType;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int64_t kNowSeconds = 1'795'724'134;
const UtcTime kNow{seconds(kNowSeconds)};

// The ID of the role that everybody has made.
std::optional<std::string> FindRole(const acl::LinkRequest& link) {
  if (link.name == "deployers") return "cccccccc-0000-4000-8000-000000000001";
  return std::nullopt;
}

LoginContext Context() { return {FindRole, "dc1", kNow}; }

acl::AuthMethod Method() {
  acl::AuthMethod method;
  method.name = "ci";
  method.type = "jwt";
  return method;
}

acl::BindingRule Rule(BindType type, const std::string& name, const std::string& selector = "") {
  return {"eeeeeeee-0000-4000-8000-000000000001", "", "ci", selector, type, name};
}

jwt::Variables Variables() {
  return {{{"name", "web"}, {"team", "Payments"}, {"none", ""}}, {{"groups", {"dev", "ops"}}}};
}

jwt::Identity Identity(seconds life = hours(1)) {
  return {"https://issuer.example", "web", Variables(), {kNow + life, kNow + life + minutes(1)}};
}

std::string AnswerOf(std::string_view selector) {
  const auto parsed = Selector::Parse(selector);
  if (!parsed) return parsed.error().message;
  return parsed->Matches(Variables()) ? "yes" : "no";
}

TEST(SelectorTest, AsksValuesAndLists) {
  for (const char* yes :
       {"", "value.name == web", "value.name == \"web\"", "value[\"name\"] == web",
        "value.name != api", "eb in value.name", "value.name matches \"^w\"", "value.none == \"\"",
        "ops in list.groups", "list.groups contains dev", "qa not in list.groups",
        "list.groups is not empty", "list.other is empty", "name in value", "groups in list",
        "value.name == web and (value.team == Payments or x in list.groups)", "not value.name == x",
        "value.unknown != x", "list.groups.1 == ops"}) {
    EXPECT_EQ(AnswerOf(yes), "yes") << yes;
  }
  for (const char* no :
       {"value.name == api", "value.team == payments", "value.unknown == x", "qa in list.groups",
        "qa in list.other", "list.groups is empty", "op in list.groups", "list.groups.2 == x"}) {
    EXPECT_EQ(AnswerOf(no), "no") << no;
  }
}

TEST(SelectorTest, WhatIsNoneIsRefused) {
  for (const char* bad : {"value", "value.name", "value.name ==", "name == web", "value is empty x",
                          "value.name.x == y", "list.groups == ops", "list.groups.x.y == z",
                          "value.name > 1", "(value.name == web", "value.name matches \"[\""}) {
    EXPECT_THAT(AnswerOf(bad), HasSubstr("Failed to create boolean expression evaluator")) << bad;
  }
  EXPECT_NE(AnswerOf(std::string(100'000, '(')), "yes");
}

TEST(SelectorTest, NamesAreThoseOfTheMethod) {
  const auto error = [](std::string_view selector) {
    const Result<void> ok = CheckSelector(selector, Variables());
    return ok ? std::string("fine") : ok.error().message;
  };
  for (const char* fine :
       {"", "value.name != x", "ops in list.groups", "list.groups.1 == x", "value is empty",
        "name in value", "list contains groups", "value[\"none\"] != x"}) {
    EXPECT_EQ(error(fine), "fine") << fine;
  }
  EXPECT_EQ(error("value.nmae != guest"),
            "unknown variable \"value.nmae\": the auth method has value.name, value.none, "
            "value.team, list.groups");
  for (const char* unknown :
       {"value.groups != x", "x not in list.name", "list.group is empty", "Name in value",
        "name not in list", "value.name == web and not value.x == y", "value[\"x y\"] != z",
        "\"/value/nmae\" != x", "value.name == web or value.nmae != x", "value.Name != x"}) {
    EXPECT_THAT(error(unknown), HasSubstr("unknown variable \"")) << unknown;
  }
  EXPECT_EQ(CheckSelector("value.x != y", {}).error().message,
            "unknown variable \"value.x\": the auth method has no variables (ClaimMappings, "
            "ListClaimMappings)");
}

TEST(RuleCheckTest, ARuleDoesNotLoseWhatItAsksFor) {
  const jwt::Variables less = {{{"name", ""}}, {}};
  const auto error = [&less](const acl::BindingRule& rule) {
    const Result<void> ok = CheckRuleStays(rule, Variables(), less);
    return ok ? std::string("fine") : ok.error().message;
  };
  EXPECT_EQ(error(Rule(BindType::kService, "${value.name}", "value.name != x")), "fine");
  EXPECT_EQ(error(Rule(BindType::kService, "web", "ops in list.groups")),
            "its binding rule eeeeeeee-0000-4000-8000-000000000001 would not go with it any more: "
            "unknown variable \"list.groups\": the auth method has value.name; change or remove "
            "the rule first");
  EXPECT_THAT(error(Rule(BindType::kService, "${value.team}")), HasSubstr("\"value.team\""));
  EXPECT_EQ(error(Rule(BindType::kService, "web", "value.other != x")), "fine")
      << "it gave nothing before";
}

// Of a rule that was made before anybody looked at its names, or has come with a snapshot.
TEST(LoginTest, ARuleWhoseSelectorNamesWhatThereIsNotGivesNothing) {
  std::vector<std::string> said;
  LoginContext context = Context();
  context.say = [&said](const std::string& what) { said.push_back(what); };
  const auto bindings = Bind(Method(),
                             {Rule(BindType::kRole, "deployers", "value.rloe != guest"),
                              Rule(BindType::kRole, "deployers", "nobody not in list.gruops"),
                              Rule(BindType::kService, "web", "value.team != guest")},
                             Variables(), context);
  ASSERT_TRUE(bindings) << bindings.error().message;
  EXPECT_THAT(bindings->role_ids, IsEmpty());
  EXPECT_THAT(bindings->service_identities, ElementsAre(acl::ServiceIdentity{"web", {}}));
  EXPECT_THAT(said, ElementsAre(HasSubstr("the binding rule eeeeeeee-0000-4000-8000-000000000001 "
                                          "gives nothing to anybody: its selector: unknown "
                                          "variable \"value.rloe\""),
                                HasSubstr("\"list.gruops\"")));
}

TEST(LoginTest, ARuleGivesWhatItNames) {
  const auto bindings =
      Bind(Method(),
           {Rule(BindType::kService, "${value.name}-${value.team}"),
            Rule(BindType::kNode, "${value.name}"), Rule(BindType::kRole, "deployers")},
           Variables(), Context());
  ASSERT_TRUE(bindings) << bindings.error().message;
  EXPECT_THAT(bindings->service_identities, ElementsAre(acl::ServiceIdentity{"web-payments", {}}));
  EXPECT_THAT(bindings->node_identities, ElementsAre(acl::NodeIdentity{"web", "dc1"}));
  EXPECT_THAT(bindings->role_ids, ElementsAre("cccccccc-0000-4000-8000-000000000001"));
}

TEST(LoginTest, OnlyRulesOfTheMethodWhoseSelectorMatchesCount) {
  acl::BindingRule other = Rule(BindType::kService, "other");
  other.auth_method = "other";
  const auto bindings = Bind(
      Method(),
      {other, Rule(BindType::kService, "api", "value.name == api"),
       Rule(BindType::kService, "damaged", "value.name =="),
       Rule(BindType::kService, "no-name-of-one", "x in list.groups"),
       Rule(BindType::kService, "web", "value.name == web"),
       Rule(BindType::kService, "web", "ops in list.groups"), Rule(BindType::kRole, "of-nobody"),
       Rule(BindType::kRole, "deployers"), Rule(BindType::kRole, "deployers")},
      Variables(), Context());
  ASSERT_TRUE(bindings) << bindings.error().message;
  EXPECT_THAT(bindings->service_identities, ElementsAre(acl::ServiceIdentity{"web", {}}));
  EXPECT_THAT(bindings->role_ids, testing::SizeIs(1));
}

TEST(LoginTest, ANameThatIsNoneRefusesTheLogin) {
  for (const char* name : {"${value.none}", "${value.name}/..", "${value.gone}", "a*"}) {
    const auto bindings =
        Bind(Method(), {Rule(BindType::kService, "web"), Rule(BindType::kService, name)},
             Variables(), Context());
    ASSERT_FALSE(bindings) << name;
    EXPECT_EQ(bindings.error().code, ErrorCode::kPermissionDenied);
    EXPECT_THAT(bindings.error().message, HasSubstr("the binding rule eeeeeeee-"));
  }
  EXPECT_TRUE(Bind(Method(), {Rule(BindType::kService, "${value.none}", "value.name == api")},
                   Variables(), Context()))
      << "of a rule that does not match";
}

TEST(LoginTest, TheTokenSaysWhereItComesFrom) {
  acl::AuthMethod method = Method();
  const auto made =
      TokenOfLogin(method, {Rule(BindType::kService, "web")}, Identity(), "by a test", Context());
  ASSERT_TRUE(made) << made.error().message;
  const acl::Token& token = made->token;
  EXPECT_TRUE(model::IsUuid(token.accessor_id));
  EXPECT_TRUE(model::IsUuid(made->secret));
  EXPECT_EQ(token.secret_hash, acl::HashSecret(made->secret));
  EXPECT_EQ(token.description, "by a test");
  EXPECT_EQ(token.auth_method, "ci");
  EXPECT_TRUE(token.local);
  EXPECT_EQ(token.create_time, kNow);
  EXPECT_EQ(token.expiration_time, kNow + hours(1));
  EXPECT_EQ(acl::ReadToken(acl::WriteToken(token)).value(), token);
  method.token_locality = "global";
  EXPECT_FALSE(TokenOfLogin(method, {Rule(BindType::kService, "web")}, Identity(), "", Context())
                   ->token.local);
}

TEST(LoginTest, WithoutAnyRightThereIsNoToken) {
  for (const std::vector<acl::BindingRule>& rules :
       {std::vector<acl::BindingRule>{},
        {Rule(BindType::kService, "web", "value.name == api")},
        {Rule(BindType::kRole, "of-nobody")}}) {
    const auto made = TokenOfLogin(Method(), rules, Identity(), "", Context());
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::kPermissionDenied);
    EXPECT_EQ(made.error().message, "no binding rule of the auth method gives it anything");
  }
}

TEST(LoginTest, TheTokenDiesWithTheJwtOrBefore) {
  acl::AuthMethod method = Method();
  const auto expires = [&method](seconds life) {
    return ExpirationOf(method, {kNow + life, kNow + life + minutes(1)}, kNow) - kNow;
  };
  EXPECT_EQ(expires(hours(1)), hours(1));
  EXPECT_EQ(expires(seconds(5)), seconds(5)) << "less than other tokens may live";
  method.max_token_ttl = minutes(30);
  EXPECT_EQ(expires(hours(1)), minutes(30));
  EXPECT_EQ(expires(minutes(10)), minutes(10));
  EXPECT_EQ(expires(seconds(0)), minutes(1)) << "taken for the leeway of clocks alone";
  EXPECT_EQ(expires(seconds(-20)), seconds(40));
  method.max_token_ttl = hours(24);
  EXPECT_EQ(ExpirationOf(method, {UtcTime::max(), UtcTime::max()}, kNow), kNow + hours(24));
  method.max_token_ttl = {};
  EXPECT_EQ(ExpirationOf(method, {UtcTime::max(), UtcTime::max()}, kNow), UtcTime::max());
}

// From the settings of a method and a signed token to what its bearer may do.
TEST(LoginTest, AJwtBecomesATokenThatMayWhatItsRulesGive) {
  const jwt::Issuer& issuer = jwt::Issuer::For(jwt::Algorithm::kEdDsa);
  acl::AuthMethod method = Method();
  method.config = nlohmann::json{{"JWTValidationPubKeys", {issuer.PublicPem()}},
                                 {"BoundAudiences", {"rollcall"}},
                                 {"ClaimMappings", {{"/k8s/account", "account"}}}}
                      .dump();
  const auto config = acl::ParseJwtConfig(method.config);
  ASSERT_TRUE(config) << config.error().message;
  const jwt::Authenticator authenticator(
      *config,
      std::make_shared<jwt::FixedKeys>(jwt::KeySet::FromPems(config->validation_pub_keys).value()));
  const nlohmann::json claims = {{"aud", "rollcall"},
                                 {"iat", kNowSeconds},
                                 {"exp", kNowSeconds + 600},
                                 {"k8s", {{"account", "web"}}}};
  std::optional<Result<jwt::Identity>> identity;
  authenticator.Authenticate(issuer.Token(jwt::Algorithm::kEdDsa, claims), kNow,
                             [&](Result<jwt::Identity> answer) { identity = std::move(answer); });
  ASSERT_TRUE(identity && *identity) << identity->error().message;
  const auto made = TokenOfLogin(method, {Rule(BindType::kService, "${value.account}")}, **identity,
                                 "", Context());
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->token.expiration_time, kNow + minutes(10));
  const auto no_object = [](model::AclKind, std::string_view) -> const model::AclObject* {
    return nullptr;
  };
  const auto may = acl::AuthorizerOf(
      made->token, {no_object, "dc1", kNow + minutes(10), acl::DefaultPolicy::kDeny});
  ASSERT_TRUE(may) << may.error().message;
  EXPECT_TRUE(may->MayWrite(acl::Resource::kService, "web"));
  EXPECT_FALSE(may->MayWrite(acl::Resource::kService, "api"));
  const auto later = acl::AuthorizerOf(
      made->token, {no_object, "dc1", kNow + minutes(11), acl::DefaultPolicy::kDeny});
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace rollcall::api::acl_login
