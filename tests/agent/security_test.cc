// What files say of TLS and of tokens, and what comes of it.
#include "agent/security.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "agent/config_files.h"
#include "tests/agent/scratch_directory.h"

namespace rollcall::agent {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class SecurityTest : public testing::Test {
 protected:
  Result<SecuritySettings> Read(const std::string& text) {
    directory_.Write("agent.json", text);
    Result<ConfigFiles> files = ReadConfigFiles({directory_.File("agent.json")});
    if (!files) return files.error();
    return files->settings.security;
  }
  Result<SecurityOptions> Resolve(const std::string& text) {
    const Result<SecuritySettings> settings = Read(text);
    if (!settings) return settings.error();
    return ResolveSecurity(*settings, context_);
  }
  std::string Refusal(const std::string& text) {
    const auto options = Resolve(text);
    EXPECT_FALSE(options) << text;
    return options ? "" : options.error().message;
  }

  ScratchDirectory directory_;
  SecurityContext context_{
      .datacenter = "dc2", .domain = "sd", .servers = {"https://r:8501"}, .serves_https = true};
};

TEST_F(SecurityTest, NothingSaidIsNoTlsSettingsAndNoTokens) {
  context_.serves_https = false;
  const auto options = Resolve("{}");
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->client, http::TlsClientFiles());
  EXPECT_EQ(options->tls_name, "");
  EXPECT_EQ(options->tokens, Tokens());
  EXPECT_FALSE(options->acl_enabled);
  EXPECT_FALSE(options->keeps_tokens);
}

TEST_F(SecurityTest, ConsulsWordsOfNowAndOfBefore) {
  for (const char* text :
       {R"({"tls": {"defaults": {"ca_file": "a", "ca_path": "p", "cert_file": "c", "key_file": "k",
            "verify_incoming": true, "verify_outgoing": true, "tls_min_version": "TLSv1_3"},
            "internal_rpc": {"verify_server_hostname": true}}})",
        R"({"ca_file": "a", "ca_path": "p", "cert_file": "c", "key_file": "k",
            "verify_incoming": true, "verify_outgoing": true, "tls_min_version": "tls13",
            "verify_server_hostname": true})"}) {
    const auto options = Resolve(text);
    ASSERT_TRUE(options) << options.error().message;
    EXPECT_EQ(options->client, (http::TlsClientFiles{.authorities = "a",
                                                     .authorities_directory = "p",
                                                     .certificate = "c",
                                                     .key = "k",
                                                     .min_version = http::TlsVersion::k13}));
    EXPECT_EQ(options->server, (http::TlsFiles{"c", "k", "a", true, http::TlsVersion::k13}));
    EXPECT_EQ(options->tls_name, "server.dc2.sd");
  }
}

TEST_F(SecurityTest, TokensAndPolicies) {
  context_.serves_https = false;
  const auto options = Resolve(R"({"acl": {"enabled": true, "default_policy": "deny",
      "down_policy": "async-cache", "enable_token_persistence": true,
      "tokens": {"agent": "a", "default": "u", "dns": "d", "replication": "r"}}})");
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->tokens, (Tokens{"a", "u", "d", "r"}));
  EXPECT_TRUE(options->acl_enabled);
  EXPECT_TRUE(options->keeps_tokens);
  EXPECT_EQ(options->default_policy, "deny");
  EXPECT_EQ(options->down_policy, "async-cache");
}

TEST_F(SecurityTest, TokensOfDefinitions) {
  context_.serves_https = false;
  const auto options = Resolve(R"({
      "service": {"name": "web", "token": "of-web"},
      "services": [{"Name": "db", "ID": "db-1", "Token": "of-db"}, {"name": "open"}],
      "check": {"name": "disk", "ttl": "10s", "token": "of-disk"}})");
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->definition_tokens.services,
            (TokensById{{"web", "of-web"}, {"db-1", "of-db"}}));
  EXPECT_EQ(options->definition_tokens.checks, (TokensById{{"disk", "of-disk"}}));
}

TEST_F(SecurityTest, WhatIsWrongIsNamedAndNoSecretShown) {
  const struct {
    const char* text;
    const char* named;
  } cases[] = {
      {R"({"tls": {"defaults": {"ca": "x"}}})", "tls.defaults.ca"},
      {R"({"tls": {"defaults": {"ca_file": 1}}})", "ca_file: expected a string"},
      {R"({"tls": {"grpc": {}}})", "tls.grpc"},
      {R"({"verify_incoming": "yes"})", "verify_incoming: expected true or false"},
      {R"({"ca_file": "a", "tls": {"defaults": {"ca_file": "b"}}})", "said in two places"},
      {R"({"key_file": "k"})", "go together"},
      {R"({"cert_file": "c", "key_file": "k", "verify_incoming": true})", "needs ca_file"},
      {R"({"tls_min_version": "TLSv1_1"})", "TLSv1_2 or TLSv1_3"},
      {R"({"cert_file": "c", "key_file": "k", "verify_server_hostname": true,
           "tls_server_name": "x"})",
       "leave one of them out"},
      {R"({"acl": {"default_policy": "maybe"}})", "acl.default_policy"},
      {R"({"acl": {"down_policy": "up"}})", "extend-cache"},
      {R"({"acl": {"tokens": {"agent": "hush hush"}}})", "acl.tokens.agent"},
      {R"({"acl": {"tokens": {"agent": ["hush"]}}})", "agent: expected a string"},
      {R"({"acl": {"tokens": {"master": "hush"}}})", "acl.tokens.master"},
      {R"({"service": {"name": "web", "token": "hush\nhush"}})", "service: token"},
      {R"({"check": {"name": "c", "ttl": "1s", "token": "hush hush"}})", "check: token"},
  };
  for (const auto& each : cases) {
    if (std::string(each.text).find("cert_file") == std::string::npos)
      context_.serves_https = false;
    EXPECT_THAT(Refusal(each.text), AllOf(HasSubstr(each.named), Not(HasSubstr("hush"))));
    context_.serves_https = true;
  }
}

TEST_F(SecurityTest, ServersThatAreAskedInTheOpenAreRefusedWhereTlsIsWanted) {
  context_.serves_https = false;
  context_.servers = {"https://r:1", "http://r:2"};
  EXPECT_TRUE(Resolve("{}"));
  EXPECT_TRUE(Resolve(R"({"verify_outgoing": false})"));
  EXPECT_THAT(Refusal(R"({"verify_outgoing": true})"), HasSubstr("http://r:2"));
  EXPECT_THAT(Refusal(R"({"verify_server_hostname": true})"), HasSubstr("http://r:2"));
}

TEST(AgentTokensTest, RegistrationMadeAnewKeepsItsToken) {
  using Of = AgentTokens::Of;
  AgentTokens tokens;
  tokens.Set(Of::kService, "Web", "one", AgentTokens::From::kApi);
  const auto found = tokens.Find(Of::kService, "web");
  EXPECT_EQ(found.token, "one");
  EXPECT_EQ(tokens.Find(Of::kCheck, "web").token, "");
  tokens.Set(Of::kService, "web", "one", AgentTokens::From::kApi);
  tokens.Forget(Of::kService, "web", found.stamp);
  EXPECT_EQ(tokens.Find(Of::kService, "web").token, "one");
  tokens.Forget(Of::kService, "web", tokens.Find(Of::kService, "web").stamp);
  EXPECT_EQ(tokens.Find(Of::kService, "web").token, "");
}

TEST(KeptTokensTest, AreReadAsTheyWereWritten) {
  const KeptTokens kept{.own = {.agent = "a", .user = "u"},
                        .definitions = {{{"web \"1\"", "t"}}, {{"disk", "c"}}}};
  const KeptTokens read = ReadKeptTokens(WriteKeptTokens(kept));
  EXPECT_EQ(read.own, kept.own);
  EXPECT_EQ(read.definitions.services, kept.definitions.services);
  EXPECT_EQ(read.definitions.checks, kept.definitions.checks);
  for (const char* text : {"", "[]", "{", R"({"agent": 7, "services": [1]})",
                           R"({"agent": "a\r\nb", "services": {"web": "x y"}})"}) {
    EXPECT_EQ(ReadKeptTokens(text).own, Tokens()) << text;
    EXPECT_TRUE(ReadKeptTokens(text).definitions.services.empty()) << text;
  }
}

}  // namespace
}  // namespace rollcall::agent
