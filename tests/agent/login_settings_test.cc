// What files say of the agent's login, and what is not understood of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/config_files.h"
#include "agent/security.h"
#include "tests/agent/scratch_directory.h"

namespace rollcall::agent {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class LoginSettingsTest : public testing::Test {
 protected:
  // Of files "0.json", "1.json" and so on.
  Result<SecurityOptions> Resolve(const std::vector<std::string>& texts) {
    std::vector<std::string> files;
    for (const std::string& text : texts) {
      const std::string name = std::to_string(files.size()) + ".json";
      directory_.Write(name, text);
      files.push_back(directory_.File(name));
    }
    const Result<ConfigFiles> all = ReadConfigFiles(files);
    if (!all) return all.error();
    return ResolveSecurity(all->settings.security,
                           {.datacenter = "dc1", .domain = "consul", .servers = {"http://r:1"}});
  }

  ScratchDirectory directory_;
};

TEST_F(LoginSettingsTest, AreReadInBothSpellings) {
  for (const char* text : {R"({"acl": {"login": {"auth_method": "ci", "bearer_token_file": "/jwt",
            "meta": {"pod": "web-1"}}}})",
                           R"({"ACL": {"Login": {"AuthMethod": "ci", "BearerTokenFile": "/jwt",
            "Meta": {"pod": "web-1"}}}})"}) {
    const auto options = Resolve({text});
    ASSERT_TRUE(options) << options.error().message;
    ASSERT_TRUE(options->login);
    EXPECT_EQ(*options->login,
              (login::LoginOptions{
                  .auth_method = "ci", .bearer_token_file = "/jwt", .meta = {{"pod", "web-1"}}}));
    EXPECT_THAT(options->warnings, IsEmpty());
  }
}

TEST_F(LoginSettingsTest, WithoutABlockNobodyLogsIn) {
  const auto options = Resolve({R"({"acl": {"tokens": {"agent": "a"}}})"});
  ASSERT_TRUE(options);
  EXPECT_FALSE(options->login);
}

TEST_F(LoginSettingsTest, LaterFileWinsKeyByKey) {
  const auto options = Resolve(
      {R"({"acl": {"login": {"auth_method": "ci", "bearer_token_file": "/jwt", "meta": {"a": "1"}}}})",
       R"({"acl": {"login": {"auth_method": "pods", "meta": {"b": "2"}}}})"});
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(*options->login,
            (login::LoginOptions{
                .auth_method = "pods", .bearer_token_file = "/jwt", .meta = {{"b", "2"}}}));
}

TEST_F(LoginSettingsTest, WhatIsMissingOrWrongIsNamed) {
  const struct {
    std::string login;
    const char* named;
  } cases[] = {
      {R"({"bearer_token_file": "/jwt"})", "acl.login.auth_method: is missing"},
      {R"({"auth_method": "ci"})", "acl.login.bearer_token_file: is missing"},
      {R"({"auth_method": "", "bearer_token_file": "/jwt"})", "acl.login.auth_method"},
      {R"({"meta": {"pod": "web-1"}})", "acl.login.auth_method"},
      {"{}", "acl.login.auth_method: is missing"},
      {R"({"meta": {}})", "acl.login.auth_method: is missing"},
      {R"({"auth_method": "a b", "bearer_token_file": "/jwt"})",
       "acl.login.auth_method: is no name"},
      {R"({"auth_method": "ci", "bearer_token_file": "/jwt", "meta": {"a": ")" +
           std::string(2048, 'x') + R"("}})",
       "acl.login.meta: is too much"},
      {R"({"auth_method": 1})", "auth_method: expected a string"},
      {R"({"auth_method": "ci", "bearer_token_file": ["/jwt"]})", "bearer_token_file: expected"},
      {R"({"auth_method": "ci", "bearer_token_file": "/jwt", "meta": "web"})", "meta"},
      {R"({"auth_method": "ci", "bearer_token_file": "/jwt", "meta": {"pod": 1}})", "pod"},
      {R"({"method": "ci", "bearer_token_file": "/jwt"})", "acl.login.method"},
      {R"({"auth_method": "ci", "bearer_token": "eyJ"})", "acl.login.bearer_token"},
      {R"("ci")", "acl.login"},
  };
  for (const auto& each : cases) {
    const auto options = Resolve({std::string(R"({"acl": {"login": )") + each.login + "}}"});
    ASSERT_FALSE(options) << each.login;
    EXPECT_THAT(options.error().message, HasSubstr(each.named));
  }
}

TEST_F(LoginSettingsTest, LoginThatIsGoodForNothingIsWarnedOf) {
  const std::string login = R"("login": {"auth_method": "ci", "bearer_token_file": "/jwt"})";
  const auto options =
      Resolve({R"({"acl": {"tokens": {"agent": "a", "default": "d"}, )" + login + "}}"});
  ASSERT_TRUE(options);
  EXPECT_THAT(options->warnings, testing::ElementsAre(HasSubstr("acl.login")));
}

TEST(TokensTest, OfALoginFillsInWhereNoneIsConfigured) {
  Tokens tokens{.login = "login"};
  EXPECT_EQ(tokens.ForAgent(), "login");
  EXPECT_EQ(tokens.ForDefinitions(), "login");
  tokens.user = "default";
  EXPECT_EQ(tokens.ForAgent(), "login");
  EXPECT_EQ(tokens.ForDefinitions(), "default");
  tokens.agent = "agent";
  EXPECT_EQ(tokens.ForAgent(), "agent");
  tokens.login.clear();
  tokens.agent.clear();
  EXPECT_EQ(tokens.ForAgent(), "default");
}

}  // namespace
}  // namespace rollcall::agent
