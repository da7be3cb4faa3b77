// POST /v1/acl/login: what a login gets.
#include <gmock/gmock.h>

#include "registry/base/rfc3339.h"
#include "tests/api/audit_lines.h"
#include "tests/api/login/login_fixture.h"
#include "tests/e2e/harness/eventually.h"

namespace rollcall::api {
namespace {

using nlohmann::json;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class LoginTest : public LoginApiTest {
 protected:
  ~LoginTest() override { StopServer(); }

  void Audit() {
    audit_ = std::make_unique<AuditLog>(std::make_unique<LinesSink>(lines_), AuditLog::Options());
    OnWorker([&] { shared().audit = audit_.get(); });
  }
  std::vector<json> AwaitLines(size_t count) {
    EXPECT_TRUE(e2e::Eventually([&] { return lines_.all().size() >= count; }));
    return lines_.all();
  }

  Lines lines_;
  std::unique_ptr<AuditLog> audit_;
};

TEST_F(LoginTest, GetsATokenThatIsGoodAtOnce) {
  NewCi();
  const Answer answer = LogIn("CI", GoodJwt());
  const json token = Ok(answer);
  EXPECT_EQ(answer.Header("Content-Type"), "application/json");
  EXPECT_EQ(token["AuthMethod"], "ci");
  EXPECT_EQ(token["Description"], "token created via login");
  EXPECT_EQ(token["Local"], true);
  EXPECT_EQ(token["ServiceIdentities"][0]["ServiceName"], "web");
  EXPECT_TRUE(model::IsUuid(token["SecretID"].get<std::string>()));
  EXPECT_EQ(token["ModifyIndex"], catalog().snapshots().Get()->acl_index().value());
  const std::string secret = token["SecretID"];
  EXPECT_EQ(Ok(GetAs(secret, "/v1/acl/token/self"))["AccessorID"], token["AccessorID"]);
  EXPECT_EQ(PutAs(secret, "/v1/agent/service/register", {{"Name", "web"}}).status, 200);
  EXPECT_EQ(PutAs(secret, "/v1/agent/service/register", {{"Name", "db"}}).status, 403);
}

TEST_F(LoginTest, TheLogSaysWhoHasLoggedInAndNothingOfWhatHeShowed) {
  NewCi();
  const std::string jwt = GoodJwt();
  const json token = Ok(LogIn("ci", jwt));
  EXPECT_THAT(Log(), HasSubstr("login: auth method \"ci\", client 127.0.0.1: token " +
                               token["AccessorID"].get<std::string>() +
                               " for \"job-17\" of \"https://issuer.example\""));
  EXPECT_THAT(Log(), Not(HasSubstr(jwt.substr(jwt.rfind('.')))));
  EXPECT_THAT(Log(), Not(HasSubstr(token["SecretID"].get<std::string>())));
}

TEST_F(LoginTest, RulesGiveServicesNodesAndRoles) {
  NewPolicy("web", R"(service "web" { policy = "read" })");
  const std::string role = NewRole("ops");
  NewMethod("ci", PemConfig());
  NewRule("ci", "service", "${value.team}-api");
  NewRule("ci", "service", "admin", "admins in list.groups");
  NewRule("ci", "node", "host-${value.team}", "value.team == payments");
  NewRule("ci", "role", "ops", "ops in list.groups and value.team != root");
  NewRule("ci", "role", "none-such");
  NewMethod("other", PemConfig());
  NewRule("other", "service", "others");
  const json token = Ok(LogIn("ci", GoodJwt()));
  EXPECT_EQ(token["ServiceIdentities"], json::parse(R"([{"ServiceName":"payments-api"}])"));
  EXPECT_EQ(token["NodeIdentities"],
            json::parse(R"([{"NodeName":"host-payments","Datacenter":"dc1"}])"));
  ASSERT_EQ(token["Roles"].size(), 1U);
  EXPECT_EQ(token["Roles"][0]["ID"], role);
}

TEST_F(LoginTest, WhomNoRuleMatchesIsRefused) {
  NewMethod("ci", PemConfig());
  NewRule("ci", "service", "admin", "admins in list.groups");
  NewRule("ci", "role", "none-such");
  EXPECT_EQ(Why(LogIn("ci", GoodJwt())), "403 Permission denied");
  EXPECT_THAT(Log(), HasSubstr("a login was refused: auth method \"ci\", client 127.0.0.1: no "
                               "binding rule of the auth method gives it anything"));
  EXPECT_EQ(Ok(GetAcl("tokens?authmethod=ci")), json::array());
}

TEST_F(LoginTest, WhoseClaimsMakeANameThatIsNoneIsRefused) {
  NewMethod("ci", PemConfig());
  NewRule("ci", "service", "x-${value.team}");
  json claims = Claims();
  claims["team"] = "a/../b";
  EXPECT_EQ(Why(LogIn("ci", Signed(claims))), "403 Permission denied");
  EXPECT_THAT(Log(), HasSubstr("bind name for bind target is invalid"));
}

TEST_F(LoginTest, TheTokenDiesWithTheJwt) {
  NewCi();
  const json claims = Claims();
  const json token = Ok(LogIn("ci", Signed(claims)));
  EXPECT_EQ(token["ExpirationTime"],
            FormatRfc3339(UtcTime(std::chrono::seconds(claims["exp"].get<int64_t>()))));
  const std::string secret = token["SecretID"];
  ahead_s = 3590;
  EXPECT_EQ(GetAs(secret, "/v1/acl/token/self").status, 200);
  ahead_s = 3602;
  EXPECT_EQ(Why(GetAs(secret, "/v1/acl/token/self")), "403 ACL not found");
  EXPECT_EQ(Why(LogOut(secret)), "403 ACL not found");
}

TEST_F(LoginTest, TheTokenDiesWithMaxTokenTtlIfThatIsEarlier) {
  NewMethod("ci", PemConfig(), {{"MaxTokenTTL", "5m"}, {"TokenLocality", "global"}});
  NewRule("ci", "service", "web");
  const json token = Ok(LogIn("ci", GoodJwt()));
  EXPECT_EQ(token["Local"], false);
  ahead_s = 302;
  EXPECT_EQ(Why(GetAs(token["SecretID"], "/v1/acl/token/self")), "403 ACL not found");
}

TEST_F(LoginTest, WhatItSaysOfItselfIsInTheDescription) {
  NewCi();
  const json body = {
      {"AuthMethod", "ci"}, {"BearerToken", GoodJwt()}, {"Meta", {{"pod", "web-1"}}}};
  const json token = Ok(LogInWithText(body.dump()));
  EXPECT_EQ(token["Description"], R"(token created via login: {"pod":"web-1"})");
}

TEST_F(LoginTest, ATokenThatTheRequestPresentsDoesNotMatter) {
  NewCi();
  const std::string body = json{{"AuthMethod", "ci"}, {"BearerToken", GoodJwt()}}.dump();
  EXPECT_EQ(PostAs("no such", "login", body).status, 200);
  EXPECT_EQ(PostAs("management", "login", body).status, 200);
}

TEST_F(LoginTest, TokensAreListedByTheirMethod) {
  NewCi();
  NewMethod("other", PemConfig());
  NewRule("other", "service", "web");
  const json token = Ok(LogIn("ci", GoodJwt()));
  Ok(LogIn("other", GoodJwt()));
  EXPECT_THAT(Each(GetAcl("tokens?authmethod=CI"), "AccessorID"),
              ElementsAre(token["AccessorID"].get<std::string>()));
}

TEST_F(LoginTest, TheTokenCannotBeCloned) {
  NewCi();
  const json token = Ok(LogIn("ci", GoodJwt()));
  EXPECT_THAT(Why(PutAcl("token/" + token["AccessorID"].get<std::string>() + "/clone")),
              HasSubstr("Cannot clone a token created from an auth method"));
}

TEST_F(LoginTest, ManyAtOnceAllGetTokensOfTheirOwn) {
  NewCi();
  std::vector<std::future<Answer>> answers;
  for (int i = 0; i < 24; ++i) {
    answers.push_back(std::async(std::launch::async, [this] { return LogIn("ci", GoodJwt()); }));
  }
  for (auto& answer : answers) EXPECT_EQ(answer.get().status, 200);
  EXPECT_EQ(Ok(GetAcl("tokens?authmethod=ci")).size(), 24U);
  EXPECT_EQ(shared().logins.count(LoginResult::kOk), 24U);
  EXPECT_TRUE(e2e::Eventually([&] { return shared().logins.waiting() == 0; }));
}

TEST_F(LoginTest, ChangedSettingsCountFromTheNextLoginOn) {
  NewCi();
  EXPECT_EQ(LogIn("ci", GoodJwt()).status, 200);
  json config = PemConfig();
  config["BoundIssuer"] = "https://elsewhere.example";
  NewMethod("ci", config);
  EXPECT_EQ(Why(LogIn("ci", GoodJwt())), "403 Permission denied");
  NewMethod("ci", PemConfig());
  EXPECT_EQ(LogIn("ci", GoodJwt()).status, 200);
}

TEST_F(LoginTest, TheAuditLogNamesTheTokenAndTheMethodAndNeverTheJwt) {
  NewCi();
  Audit();
  const std::string jwt = GoodJwt();
  const json token = Ok(LogIn("ci", jwt));
  EXPECT_EQ(LogIn("ci", "junk").status, 403);
  EXPECT_EQ(LogIn("none", "junk").status, 403);
  EXPECT_EQ(LogOut(token["SecretID"]).status, 200);
  const std::vector<json> lines = AwaitLines(4);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[0]["route"], "/v1/acl/login");
  EXPECT_EQ(lines[0]["accessor"], token["AccessorID"]);
  EXPECT_EQ(lines[0]["auth_method"], "ci");
  EXPECT_EQ(lines[0]["index"], token["ModifyIndex"]);
  EXPECT_EQ(lines[0]["changed"], true);
  EXPECT_EQ(lines[1]["accessor"], "");
  EXPECT_EQ(lines[1]["auth_method"], "ci");
  EXPECT_EQ(lines[1]["status"], 403);
  EXPECT_EQ(lines[1]["error"], "Permission denied");
  EXPECT_FALSE(lines[2].contains("auth_method"));
  EXPECT_EQ(lines[3]["route"], "/v1/acl/logout");
  EXPECT_EQ(lines[3]["accessor"], token["AccessorID"]);
  EXPECT_EQ(lines[3]["auth_method"], "ci");
  EXPECT_EQ(lines[3]["changed"], true);
  for (const json& line : lines) EXPECT_THAT(line.dump(), Not(HasSubstr("eyJ")));
}

TEST_F(LoginTest, AnotherDatacenterIsNotReached) {
  NewCi();
  const std::string body = json{{"AuthMethod", "ci"}, {"BearerToken", GoodJwt()}}.dump();
  EXPECT_EQ(Why(PostAs("", "login?dc=other", body)), "400 No path to datacenter");
  EXPECT_EQ(PostAs("", "login?dc=dc1", body).status, 200);
}

class LoginWithoutAclTest : public ApiTest {};

TEST_F(LoginWithoutAclTest, WhereAccessIsNotControlledThereIsNone) {
  httplib::Client client("127.0.0.1", port());
  for (const char* path : {"/v1/acl/login", "/v1/acl/logout"}) {
    const Answer answer = From(client.Post(path, "{}", "application/json"));
    EXPECT_EQ(answer.status, 401);
    EXPECT_EQ(answer.body, "ACL support disabled");
  }
  EXPECT_EQ(Get("/v1/acl/auth-methods").status, 401);
  EXPECT_EQ(Put("/v1/acl/binding-rule", json::object()).status, 401);
}

}  // namespace
}  // namespace rollcall::api
