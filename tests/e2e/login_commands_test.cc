// `rollcall login` and `rollcall logout` against a real server, with JWTs that the test signs.
#include <gmock/gmock.h>

#include <regex>

#include "tests/e2e/login_fixture.h"

namespace rollcall::e2e {
namespace {

using std::chrono::minutes;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class LoginAtTheCommandLineTest : public LoginE2eTest {
 protected:
  std::string Sink() const { return dir_.File("token"); }
  Finished Login(const std::string& jwt, const std::string& method = "ci") const {
    // What is in the environment is good for nothing, and does no harm.
    return Rollcall({"login", "-method", method, "-bearer-token-file", "-", "-token-sink-file",
                     Sink(), "-meta", "job=17"},
                    "long-gone", jwt);
  }
  Finished Register(const std::string& service) const {
    return Rollcall({"register", "-", "--token-file", Sink()}, "",
                    R"({"service": {"name": ")" + service + R"(", "port": 80}})");
  }
};

TEST_F(LoginAtTheCommandLineTest, GivesATokenForWhatItsRulesSayUntilTheLogout) {
  const std::string jwt = Jwt(minutes(10));
  const Finished login = Login(jwt);
  ASSERT_EQ(login.code, 0) << login.errors;
  const std::string secret = ReadFile(Sink());
  EXPECT_TRUE(std::regex_match(secret, std::regex("[0-9a-f-]{36}")));
  for (const std::string& shown : {login.output, login.errors, server_.process().Output()}) {
    EXPECT_THAT(shown, Not(HasSubstr(secret)));
    EXPECT_THAT(shown, Not(HasSubstr(jwt)));
  }
  EXPECT_EQ(Register("web").code, 0);
  EXPECT_EQ(Register("db").code, 1);
  const Finished self = Rollcall({"acl", "token", "read", "--self", "--token-file", Sink()}, "");
  EXPECT_THAT(self.output, HasSubstr("job"));
  EXPECT_THAT(self.output, HasSubstr("a1:dc1"));
  EXPECT_THAT(TokensOfLogins(), SizeIs(1));

  const Finished logout = Rollcall({"logout", "-token-file", Sink()}, "");
  EXPECT_EQ(logout.code, 0) << logout.errors;
  EXPECT_THAT(TokensOfLogins(), IsEmpty());
  EXPECT_EQ(Register("web").code, 1);
  EXPECT_EQ(Rollcall({"logout", "-token-file", Sink()}, "").code, 1);
}

TEST_F(LoginAtTheCommandLineTest, RefusalIsPlainAndTheReasonIsInTheServersLog) {
  std::string tampered = Jwt(minutes(10));
  char& last = tampered[tampered.rfind('.') - 1];
  last = last == 'A' ? 'B' : 'A';
  for (const auto& [jwt, method] : {std::pair{tampered, "ci"},
                                    {Jwt(minutes(-10)), "ci"},
                                    {std::string("no-jwt-at-all"), "ci"}}) {
    const Finished refused = Login(jwt, method);
    EXPECT_EQ(refused.code, 1);
    EXPECT_THAT(refused.errors, HasSubstr("403: Permission denied"));
    EXPECT_THAT(refused.errors, HasSubstr("the server's log says why"));
    EXPECT_THAT(refused.errors, Not(HasSubstr(jwt)));
  }
  EXPECT_THAT(server_.process().Output(), HasSubstr("altered, or signed by somebody else"));
  EXPECT_THAT(server_.process().Output(), HasSubstr("expired"));
  const Finished another = Login(Jwt(minutes(10)), "another");
  EXPECT_EQ(another.code, 1);
  EXPECT_THAT(another.errors, HasSubstr("is there an auth method of that name?"));
  EXPECT_EQ(ReadFile(Sink()), "");
  EXPECT_THAT(TokensOfLogins(), IsEmpty());
}

TEST_F(LoginAtTheCommandLineTest, TokenThatNoLoginMadeIsNotLoggedOut) {
  const Finished logout = Rollcall({"logout"}, management_);
  EXPECT_EQ(logout.code, 1);
  EXPECT_EQ(Get("/v1/acl/tokens").status, 200);
}

TEST_F(LoginAtTheCommandLineTest, MethodsAndRulesAreShownChangedAndRemoved) {
  const Finished methods = Rollcall({"acl", "auth-method", "list"}, management_);
  EXPECT_THAT(methods.output, HasSubstr("ci    jwt"));
  Manage({"acl", "auth-method", "update", "--name", "ci", "--max-token-ttl", "5m"});
  const Finished method = Rollcall({"acl", "auth-method", "read", "--name", "ci"}, management_);
  EXPECT_THAT(method.output, HasSubstr("5m0s"));
  EXPECT_THAT(method.output, HasSubstr("BoundIssuer"));

  const Finished rules =
      Rollcall({"acl", "binding-rule", "list", "--method", "ci", "--json"}, management_);
  ASSERT_EQ(rules.code, 0) << rules.errors;
  const Json all = Json::parse(rules.output);
  ASSERT_THAT(all, SizeIs(2));
  const std::string id = all[0].at("ID");
  Manage({"acl", "binding-rule", "update", "--id", id, "--selector", "value.host == a1"});
  const Finished rule = Rollcall({"acl", "binding-rule", "read", "--id", id}, management_);
  EXPECT_THAT(rule.output, HasSubstr("value.host == a1"));
  Manage({"acl", "binding-rule", "delete", "--id", id});
  EXPECT_THAT(Json::parse(Rollcall({"acl", "binding-rule", "list", "--json"}, management_).output),
              SizeIs(1));
  RemoveMethod();
  EXPECT_EQ(Json::parse(Rollcall({"acl", "binding-rule", "list", "--json"}, management_).output),
            Json::array());
  EXPECT_EQ(Rollcall({"acl", "auth-method", "read", "--name", "ci"}, management_).code, 1);
}

}  // namespace
}  // namespace rollcall::e2e
