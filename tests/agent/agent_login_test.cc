// The whole agent, which logs in by itself at a fake registry.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/agent/agent_fixture.h"
#include "tests/agent/scratch_directory.h"

namespace rollcall::agent {
namespace {

using ::testing::AnyOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class AgentLoginTest : public AgentTest {
 protected:
  void Adjust(Options& options) override {
    directory_.Write("jwt", "jwt-1\n");
    registry_.TakeLogins("jwt-1");
    security_.login =
        login::LoginOptions{.auth_method = "ci", .bearer_token_file = directory_.File("jwt")};
    options.security = security_;
    options.node_ttl = std::chrono::seconds(1);
    read_security_ = [this] { return Result<SecurityOptions>(security_); };
  }

  bool IsRegistered() { return registry_.Instances("n1").size() == 1; }
  // The token of each request that begins so.
  std::vector<std::string> TokensOf(const std::string& request) {
    std::vector<std::string> tokens;
    for (const std::string& sent : registry_.TokensSent()) {
      if (sent.starts_with(request)) tokens.push_back(sent.substr(sent.rfind(' ') + 1));
    }
    return tokens;
  }
  std::string Reload() {
    SayInFiles(R"({"name": "from-file"})");
    return OnLoop([&] {
      const Result<void> done = agent_->Reload();
      return done ? std::string("done") : done.error().message;
    });
  }

  ScratchDirectory directory_;
  SecurityOptions security_;
};

TEST_F(AgentLoginTest, NothingIsAskedWithoutTheTokenAndAllWithIt) {
  ASSERT_TRUE(Eventually([&] { return IsRegistered() && registry_.heartbeats() > 0; }));
  EXPECT_EQ(registry_.TokensSent().front(), "POST /v1/acl/login ");
  EXPECT_THAT(TokensOf("PUT /v1/catalog/"), Each("login-1"));
  EXPECT_THAT(TokensOf("GET /v1/catalog/node/"), Each("login-1"));
}

TEST_F(AgentLoginTest, ItTakesLeaveBeforeItLogsOut) {
  ASSERT_TRUE(Eventually([&] { return IsRegistered(); }));
  StopLoop();
  agent_->Stop(RegistrySync::Departure::kDeregister);
  EXPECT_FALSE(registry_.HasNode("n1"));
  const std::vector<std::string> sent = registry_.TokensSent();
  EXPECT_EQ(sent.back(), "POST /v1/acl/logout login-1");
  EXPECT_EQ(sent[sent.size() - 2], "PUT /v1/catalog/deregister login-1");
  agent_ = nullptr;
  EXPECT_EQ(registry_.TokensSent().size(), sent.size());
}

TEST_F(AgentLoginTest, RegistryThatIsAwayDoesNotHoldUpAStop) {
  ASSERT_TRUE(Eventually([&] { return IsRegistered(); }));
  registry_.Stop();
  StopLoop();
  agent_->Stop(RegistrySync::Departure::kDeregister);
  registry_.Start();
  EXPECT_TRUE(IsRegistered());
}

// Of two servers that share a store: the other one knows the tokens of the first.
class AgentLoginAtTwoTest : public AgentLoginTest {
 protected:
  void Adjust(Options& options) override {
    AgentLoginTest::Adjust(options);
    options.servers.push_back(other_.Url());
    other_.TakeLogins("jwt-1");
    other_.TakeToken("login-1");
  }
  void SetUp() override {
    AgentLoginTest::SetUp();
    ASSERT_TRUE(Eventually([&] { return IsRegistered(); }));
    registry_.Stop();
    ASSERT_TRUE(Eventually([&] { return other_.HasNode("n1"); }));
  }

  FakeRegistry other_;
};

TEST_F(AgentLoginAtTwoTest, ItLogsOutWhereItHasTakenLeave) {
  StopLoop();
  agent_->Stop(RegistrySync::Departure::kDeregister);
  EXPECT_FALSE(other_.HasNode("n1"));
  EXPECT_EQ(other_.TokensSent().back(), "POST /v1/acl/logout login-1");
  EXPECT_EQ(other_.logins(), 0);
}

TEST_F(AgentLoginAtTwoTest, ItLogsOutWhereItLoggedInWhenTheServerOfLateIsAway) {
  other_.Stop();
  registry_.Start();
  StopLoop();
  agent_->Stop(RegistrySync::Departure::kStay);
  EXPECT_EQ(registry_.TokensSent().back(), "POST /v1/acl/logout login-1");
}

TEST_F(AgentLoginTest, ProgramsDoNotGetItsRights) {
  ASSERT_TRUE(Eventually([&] { return IsRegistered(); }));
  EXPECT_EQ(Put("/v1/catalog/register", R"({"Node": "other", "Address": "10.0.0.2"})"),
            "403 Permission denied");
  EXPECT_EQ(registry_.TokensSent().back(), "PUT /v1/catalog/register ");
}

TEST_F(AgentLoginTest, TokenThatIsForgottenIsReplacedAndNothingIsRegisteredAnew) {
  ASSERT_TRUE(Eventually([&] { return IsRegistered(); }));
  // Right after a login a server may not have heard of it, so that it takes some seconds.
  registry_.ForgetLogins();
  EXPECT_TRUE(Eventually([&] { return registry_.logins() == 2; }));
  const int heartbeats = registry_.heartbeats();
  EXPECT_TRUE(Eventually([&] { return registry_.heartbeats() > heartbeats; }));
  EXPECT_TRUE(IsRegistered());
  EXPECT_THAT(TokensOf("PUT /v1/catalog/deregister"), testing::IsEmpty());
  const auto metrics = client_->Get("/v1/agent/metrics?format=prometheus");
  ASSERT_TRUE(metrics);
  EXPECT_THAT(metrics->body, HasSubstr("rollcall_agent_logins_total{result=\"made\"} 2"));
  EXPECT_THAT(metrics->body, HasSubstr("rollcall_agent_login_has_token 1"));
  EXPECT_THAT(metrics->body, HasSubstr("rollcall_agent_login_expires_seconds 3"));
}

TEST_F(AgentLoginTest, ReloadTakesOverWhatTheFilesSayOfTheLogin) {
  ASSERT_TRUE(Eventually([&] { return IsRegistered(); }));
  EXPECT_EQ(Reload(), "done");
  registry_.TakeLogins("jwt-2");
  directory_.Write("other", "jwt-2");
  OnLoop([&] {
    security_.login->bearer_token_file = directory_.File("other");
    return 0;
  });
  EXPECT_EQ(Reload(), "done");
  ASSERT_TRUE(Eventually([&] { return registry_.logins() == 2; }));
  ASSERT_TRUE(Eventually([&] {
    const auto tokens = TokensOf("PUT /v1/catalog/heartbeat");
    return !tokens.empty() && tokens.back() == "login-2";
  }));
  OnLoop([&] {
    security_.login.reset();
    security_.tokens.agent = "configured";
    return 0;
  });
  EXPECT_EQ(Reload(), "done");
  EXPECT_TRUE(Eventually([&] { return TokensOf("POST /v1/acl/logout").size() == 2; }));
  EXPECT_THAT(TokensOf("POST /v1/acl/logout"), testing::UnorderedElementsAre("login-1", "login-2"));
  EXPECT_TRUE(
      Eventually([&] { return TokensOf("PUT /v1/catalog/heartbeat").back() == "configured"; }));
  EXPECT_TRUE(IsRegistered());
}

class AgentLoginWithTokensTest : public AgentLoginTest {
 protected:
  void Adjust(Options& options) override {
    AgentLoginTest::Adjust(options);
    options.security.tokens.user = "configured";
  }
};

TEST_F(AgentLoginWithTokensTest, ConfiguredTokenGoesBeforeThatOfTheLogin) {
  const auto of_definitions = [&] {
    const std::vector<std::string> sent = registry_.TokensSent();
    return std::count(sent.begin(), sent.end(), "PUT /v1/catalog/register configured");
  };
  ASSERT_TRUE(Eventually([&] { return registry_.heartbeats() > 0 && of_definitions() > 0; }));
  EXPECT_THAT(TokensOf("PUT /v1/catalog/heartbeat"), Each("login-1"));
  EXPECT_THAT(TokensOf("GET /v1/catalog/node/"), Each("login-1"));
  Put("/v1/catalog/register", R"({"Node": "other", "Address": "10.0.0.2"})");
  EXPECT_EQ(registry_.TokensSent().back(), "PUT /v1/catalog/register configured");
}

// With a watch, and a check that stands for another node, at a registry that shows nobody anything.
class AgentLoginWatchTest : public AgentLoginTest {
 protected:
  void Adjust(Options& options) override {
    AgentLoginTest::Adjust(options);
    registry_.HideFromAnonymous();
    PutDatabase("pg-1");
  }
  void Define(Definitions& definitions) override {
    definitions.watches.push_back(
        watch::ParseWatch({{"type", "service"},
                           {"service", "pg"},
                           {"handler", "{ cat; echo; } >> " + directory_.File("told")}})
            .value());
    definitions.checks.push_back(
        model::ParseAgentCheck({{"id", "db"}, {"name", "db"}, {"alias_node", "db"}},
                               {.all_kinds = true})
            .value());
  }

  void PutDatabase(const char* id) {
    model::Register command;
    command.node.name = "db";
    command.node.address = "10.0.0.9";
    command.instance.emplace();
    command.instance->id = id;
    command.instance->service = "pg";
    registry_.Put(command);
  }
  // A line for each time.
  std::string Told() { return directory_.Read("told"); }
  // Of what the agent follows.
  std::vector<std::string> TokensOfReads() {
    std::vector<std::string> tokens = TokensOf("GET /v1/health/service/pg");
    for (const char* read : {"GET /v1/catalog/node/db", "GET /v1/health/node/db"}) {
      for (const std::string& token : TokensOf(read)) tokens.push_back(token);
    }
    return tokens;
  }
  void ReloadTheSame() {
    const bool done = OnLoop([&] {
      files_->services.assign(
          1, model::ParseAgentService(nlohmann::json::parse(R"({"name": "from-file"})")).value());
      files_->watches.clear();
      files_->checks.clear();
      Define(*files_);
      return agent_->Reload().has_value();
    });
    EXPECT_TRUE(done);
  }
  std::string Status() { return registry_.StatusOf("n1", "db"); }
};

TEST_F(AgentLoginWatchTest, WhatIsFollowedIsAskedWithTheTokenAlone) {
  EXPECT_TRUE(Eventually([&] { return Told() == "[\"pg-1\"]\n"; })) << Told();
  EXPECT_TRUE(Eventually([&] { return Status() == "passing"; }));
  EXPECT_THAT(TokensOfReads(), Each("login-1"));
}

TEST_F(AgentLoginWatchTest, TokenThatIsLostIsWaitedForAndWhatWasSaidStays) {
  ASSERT_TRUE(Eventually([&] { return Told() == "[\"pg-1\"]\n" && Status() == "passing"; }));
  registry_.TakeLogins("another-jwt");
  registry_.ForgetLogins();
  // It goes on without: as at a method that has been removed.
  const auto asked_without = [&] {
    const std::vector<std::string> tokens = TokensOf("");
    return std::count(tokens.begin(), tokens.end(), "");
  };
  ASSERT_TRUE(Eventually([&] { return asked_without() > 8; }));
  PutDatabase("pg-2");
  EXPECT_THAT(TokensOfReads(), Each("login-1"));
  EXPECT_EQ(Told(), "[\"pg-1\"]\n");
  EXPECT_EQ(Get("/v1/agent/checks")["db"]["Status"], "passing");

  registry_.TakeLogins("jwt-1");
  ReloadTheSame();
  EXPECT_TRUE(Eventually([&] { return Told() == "[\"pg-1\"]\n[\"pg-1\",\"pg-2\"]\n"; })) << Told();
  EXPECT_THAT(TokensOfReads(), Each(AnyOf("login-1", "login-2")));
}

class AgentWatchWithoutJwtTest : public AgentLoginWatchTest {
 protected:
  void Adjust(Options& options) override {
    AgentLoginWatchTest::Adjust(options);
    directory_.Write("jwt", "");
  }
};

TEST_F(AgentWatchWithoutJwtTest, FirstTokenEndsTheWaiting) {
  // The rest of the agent goes on without.
  ASSERT_TRUE(Eventually([&] { return !TokensOf("PUT /v1/catalog/").empty(); }));
  EXPECT_THAT(TokensOfReads(), IsEmpty());
  EXPECT_EQ(Told(), "");
  directory_.Write("jwt", "jwt-1");
  ReloadTheSame();
  EXPECT_TRUE(Eventually([&] { return Told() == "[\"pg-1\"]\n"; })) << Told();
  EXPECT_TRUE(Eventually([&] { return Status() == "passing"; }));
  EXPECT_THAT(TokensOfReads(), Each("login-1"));
}

TEST_F(AgentWatchWithoutJwtTest, WithoutTheBlockNothingIsWaitedFor) {
  ASSERT_TRUE(Eventually([&] { return !TokensOf("PUT /v1/catalog/").empty(); }));
  OnLoop([&] {
    security_.login.reset();
    return 0;
  });
  ReloadTheSame();
  EXPECT_TRUE(Eventually([&] { return Told() == "[]\n"; })) << Told();
  EXPECT_THAT(TokensOfReads(), Each(""));
}

TEST_F(AgentWatchWithoutJwtTest, DefaultTokenIsGoodEnough) {
  registry_.TakeToken("given");
  OnLoop([&] {
    security_.tokens.user = "given";
    return 0;
  });
  ReloadTheSame();
  EXPECT_TRUE(Eventually([&] { return Told() == "[\"pg-1\"]\n"; })) << Told();
  EXPECT_THAT(TokensOfReads(), Each("given"));
}

TEST_F(AgentLoginWithTokensTest, DefaultTokenIsNeitherShownNorRemoved) {
  ASSERT_TRUE(Eventually([&] { return registry_.heartbeats() > 0; }));
  for (const char* path :
       {"/v1/acl/token/self", "/v1/acl/token/self?dc=dc1", "/v1/acl/token/self?cached",
        "/v1/acl/token/s%65lf", "/v1/%61cl/token/self?token="}) {
    client_->Get(path);
    const std::vector<std::string> sent = TokensOf("GET /v1/acl/token/self");
    ASSERT_FALSE(sent.empty()) << path;
    EXPECT_THAT(sent, Each("")) << path;
  }
  for (const char* path : {"/v1/acl/logout", "/v1/acl/logout?dc=dc1", "/v1/acl/log%6fut"}) {
    client_->Post(path, "", "text/plain");
    EXPECT_THAT(TokensOf("POST /v1/acl/logout"), Each("")) << path;
  }
  EXPECT_EQ(TokensOf("POST /v1/acl/logout").size(), 3U);
  // With its own token a program gets what it asks for.
  client_->Post("/v1/acl/logout", httplib::Headers{{"X-Consul-Token", "mine"}}, "", "text/plain");
  EXPECT_EQ(TokensOf("POST /v1/acl/logout").back(), "mine");
}

class AgentWithoutJwtTest : public AgentLoginTest {
 protected:
  void Adjust(Options& options) override {
    AgentLoginTest::Adjust(options);
    directory_.Write("jwt", "");
  }
};

TEST_F(AgentWithoutJwtTest, GoesOnWithoutATokenAndLogsInOnceThereIsAJwt) {
  // The rest of it runs meanwhile.
  EXPECT_EQ(Get("/v1/agent/self")["Config"]["NodeName"], "n1");
  ASSERT_TRUE(Eventually([&] { return !TokensOf("GET /v1/catalog/node/").empty(); }));
  EXPECT_FALSE(IsRegistered());
  directory_.Write("jwt", "jwt-1");
  EXPECT_EQ(Reload(), "done");  // which does not wait for the pause to be over
  EXPECT_TRUE(Eventually([&] { return IsRegistered(); }));
}

}  // namespace
}  // namespace rollcall::agent
