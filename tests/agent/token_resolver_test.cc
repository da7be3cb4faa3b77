// What tokens grant, as a scripted registry says it, with a clock that the test holds.
#include "agent/access/token_resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/agent/front_fixture.h"

namespace rollcall::access {
namespace {

using acl::Resource;
using front::HttpAnswer;
using front::ScriptedServer;
using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kWeb = R"(service "web" { policy = "write" })";
constexpr const char* kDb = R"(service "db" { policy = "write" })";
constexpr const char* kNobodyToAsk =
    "Permission denied: no server of the registry says what this token may do";

std::string Rules(const std::string& rules, const std::string& expires = "") {
  json answer = {
      {"AccessorID", "accessor"}, {"DefaultPolicy", "deny"}, {"Rules", json::array({rules})}};
  if (!expires.empty()) answer["ExpirationTime"] = expires;
  return HttpAnswer(200, answer.dump());
}

class TokenResolverTest : public front::UpstreamTest {
 protected:
  using Said = std::shared_ptr<std::optional<Result<GrantPtr>>>;

  TokenResolverTest() {
    resolver_options_.now = [this] { return wall_; };
  }
  void TearDown() override { resolver_ = nullptr; }

  void Begin(DownPolicy down_policy = DownPolicy::kExtendCache) {
    Start({server_.Url()});
    resolver_options_.down_policy = down_policy;
    resolver_ = std::make_unique<TokenResolver>(clock_, *upstream_, resolver_options_);
  }
  void Answer(std::string answer) { server_.SetScript(Always(std::move(answer))); }

  Said Ask(const std::string& secret = "s") {
    auto said = std::make_shared<std::optional<Result<GrantPtr>>>();
    resolver_->Resolve(secret, [said](const Result<GrantPtr>& grant) {
      EXPECT_FALSE(said->has_value()) << "called back twice";
      said->emplace(grant);
    });
    return said;
  }

  // Which of the services web and db may be written, or the error.
  std::string TextOf(const Said& said) {
    if (!front::RunUntil(loop_, [&] { return said->has_value(); })) return "nothing came";
    const Result<GrantPtr>& grant = **said;
    if (!grant) return grant.error().message;
    std::string text;
    for (const char* name : {"web", "db"}) {
      if ((*grant)->authorizer.MayWrite(Resource::kService, name)) text += name;
    }
    return text;
  }
  std::string Granted(const std::string& secret = "s") { return TextOf(Ask(secret)); }

  size_t requests() const { return server_.requests().size(); }

  front::FakeClock clock_;
  UtcTime wall_ = ParseRfc3339("2026-01-01T00:00:00Z").value();
  ScriptedServer server_{loop_, Always(Rules(kWeb))};
  TokenResolver::Options resolver_options_;
  std::unique_ptr<TokenResolver> resolver_;
};

TEST_F(TokenResolverTest, RegistryIsAskedOnceInTheTimeToLive) {
  Begin();
  EXPECT_EQ(Granted(), "web");
  ASSERT_EQ(requests(), 1U);
  EXPECT_EQ(server_.requests()[0].target(), "/v1/internal/acl/rules");
  EXPECT_EQ(server_.requests()[0]["X-Consul-Token"], "s");
  Answer(Rules(kDb));
  clock_.Advance(seconds(29));
  EXPECT_EQ(Granted(), "web");
  EXPECT_EQ(requests(), 1U);
  clock_.Advance(seconds(1));
  EXPECT_EQ(Granted(), "db");
  EXPECT_EQ(requests(), 2U);
}

TEST_F(TokenResolverTest, WithoutATimeToLiveItIsAskedEachTime) {
  resolver_options_.token_ttl = {};
  Begin();
  EXPECT_EQ(Granted(), "web");
  Answer(Rules(kDb));
  EXPECT_EQ(Granted(), "db");
  Answer(HttpAnswer(403, "ACL not found"));
  EXPECT_EQ(Granted(), "ACL not found");
  Answer(Rules(kWeb));
  EXPECT_EQ(Granted(), "web");
  EXPECT_EQ(requests(), 4U);
}

TEST_F(TokenResolverTest, AllWhoWaitForOneTokenWaitForOneRequest) {
  Answer(ScriptedServer::kPark);
  Begin();
  std::vector<Said> waiting = {Ask("s"), Ask("s"), Ask("other"), Ask("s")};
  ASSERT_TRUE(front::RunUntil(loop_, [&] { return server_.parked() == 2; }));
  EXPECT_EQ(resolver_->asking(), 2U);
  server_.AnswerParked(Rules(kWeb));
  for (const Said& said : waiting) EXPECT_EQ(TextOf(said), "web");
  EXPECT_EQ(requests(), 2U);
  EXPECT_EQ(resolver_->asking(), 0U);
}

TEST_F(TokenResolverTest, WhoPresentsNoneIsAskedAboutAsAnonymous) {
  Begin();
  EXPECT_EQ(Granted(""), "web");
  EXPECT_EQ(server_.requests()[0]["X-Consul-Token"], "anonymous");
}

TEST_F(TokenResolverTest, WhatCannotBeATokenIsNotAskedAbout) {
  Begin();
  for (const std::string& secret :
       {std::string("a b"), std::string("x\r\nX-Consul-Token: y"), std::string("a\0b", 3),
        std::string("\xc3\xa4"), std::string("\x7f"), std::string(4097, 'a')}) {
    EXPECT_EQ(Granted(secret), "ACL not found");
  }
  EXPECT_EQ(requests(), 0U);
  EXPECT_EQ(Granted(std::string(4096, 'a')), "web");
}

TEST_F(TokenResolverTest, TokenThatIsNotThereIsRefusedForAShortTimeUnasked) {
  Answer(HttpAnswer(403, "ACL not found"));
  Begin();
  EXPECT_EQ(Granted(), "ACL not found");
  Answer(Rules(kWeb));
  clock_.Advance(seconds(4));
  EXPECT_EQ(Granted(), "ACL not found");
  EXPECT_EQ(requests(), 1U);
  clock_.Advance(seconds(1));
  EXPECT_EQ(Granted(), "web");
}

TEST_F(TokenResolverTest, TokenThatIsGoneIsForgotten) {
  Begin();
  EXPECT_EQ(Granted(), "web");
  clock_.Advance(seconds(30));
  Answer(HttpAnswer(403, "ACL not found"));
  EXPECT_EQ(Granted(), "ACL not found");
  EXPECT_EQ(resolver_->known(), 0U);
  // Nor does its absence bring back what was known.
  server_.Stop();
  clock_.Advance(seconds(30));
  EXPECT_EQ(Granted(), kNobodyToAsk);
}

struct DownCase {
  DownPolicy policy;
  const char* known;  // what counts of a token that was known
  const char* never;  // and of one that never was
};

class DownPolicyTest : public TokenResolverTest, public testing::WithParamInterface<DownCase> {};

TEST_P(DownPolicyTest, SaysWhatCountsWhileTheRegistryIsAway) {
  Begin(GetParam().policy);
  EXPECT_EQ(Granted(), "web");
  server_.Stop();
  clock_.Advance(seconds(29));
  EXPECT_EQ(Granted(), "web");  // it need not be asked
  EXPECT_EQ(Granted("other"), GetParam().never);
  clock_.Advance(std::chrono::hours(100));
  EXPECT_EQ(Granted(), GetParam().known);
  EXPECT_EQ(Granted("other"), GetParam().never);
  ASSERT_TRUE(front::RunUntil(loop_, [&] { return resolver_->asking() == 0; }));
  // It counts again what the registry says once it is back.
  server_.Start();
  Answer(Rules(kDb));
  clock_.Advance(seconds(1));
  if (GetParam().policy == DownPolicy::kAsyncCache) {
    EXPECT_EQ(Granted(), GetParam().known);
    ASSERT_TRUE(front::RunUntil(loop_, [&] { return resolver_->asking() == 0; }));
  }
  EXPECT_EQ(Granted(), "db");
  EXPECT_EQ(Granted("other"), "db");
}

std::string NameOfPolicy(const testing::TestParamInfo<DownCase>& info) {
  const std::vector<std::string> names = {"Extend", "Async", "Deny", "Allow"};
  return names[static_cast<size_t>(info.param.policy)];
}

INSTANTIATE_TEST_SUITE_P(Policies, DownPolicyTest,
                         testing::Values(DownCase{DownPolicy::kExtendCache, "web", kNobodyToAsk},
                                         DownCase{DownPolicy::kAsyncCache, "web", kNobodyToAsk},
                                         DownCase{DownPolicy::kDeny, kNobodyToAsk, kNobodyToAsk},
                                         DownCase{DownPolicy::kAllow, "webdb", "webdb"}),
                         NameOfPolicy);

TEST_F(TokenResolverTest, RegistryThatFailsIsAskedAgainAfterAPause) {
  Begin();
  EXPECT_EQ(Granted(), "web");
  clock_.Advance(seconds(30));
  Answer(HttpAnswer(503, "No cluster leader"));
  EXPECT_EQ(Granted(), "web");
  const size_t asked = requests();
  clock_.Advance(milliseconds(999));
  EXPECT_EQ(Granted(), "web");
  EXPECT_EQ(requests(), asked);
  Answer(Rules(kDb));
  clock_.Advance(milliseconds(1));
  EXPECT_EQ(Granted(), "db");
}

TEST_F(TokenResolverTest, AsynchronousCacheMakesNobodyWait) {
  Begin(DownPolicy::kAsyncCache);
  EXPECT_EQ(Granted(), "web");
  clock_.Advance(seconds(30));
  Answer(ScriptedServer::kPark);
  for (int i = 0; i < 3; ++i) {
    const Said said = Ask();
    ASSERT_TRUE(said->has_value());
    EXPECT_EQ(TextOf(said), "web");
  }
  ASSERT_TRUE(front::RunUntil(loop_, [&] { return server_.parked() == 1; }));
  server_.AnswerParked(Rules(kDb));
  ASSERT_TRUE(front::RunUntil(loop_, [&] { return resolver_->asking() == 0; }));
  EXPECT_EQ(Granted(), "db");
  EXPECT_EQ(requests(), 2U);
}

TEST_F(TokenResolverTest, ExpiryIsSeenOnEveryUse) {
  Answer(Rules(kWeb, "2026-01-01T00:00:10Z"));
  Begin();
  EXPECT_EQ(Granted(), "web");
  wall_ += seconds(10);
  EXPECT_EQ(Granted(), "web");
  wall_ += std::chrono::nanoseconds(1);
  EXPECT_EQ(Granted(), "ACL not found");
  EXPECT_EQ(requests(), 1U);
  // Somebody else's now.
  Answer(Rules(kDb));
  EXPECT_EQ(Granted(), "db");
}

TEST_F(TokenResolverTest, ExpiredTokenIsNotExtended) {
  Answer(Rules(kWeb, "2026-01-01T00:00:40Z"));
  for (const DownPolicy policy : {DownPolicy::kExtendCache, DownPolicy::kAsyncCache}) {
    wall_ = ParseRfc3339("2026-01-01T00:00:00Z").value();
    Begin(policy);
    EXPECT_EQ(Granted(), "web");
    server_.Stop();
    clock_.Advance(seconds(41));
    wall_ += seconds(41);
    EXPECT_EQ(Granted(), "ACL not found");
    EXPECT_EQ(Granted(), kNobodyToAsk);
    server_.Start();
  }
}

TEST_F(TokenResolverTest, TokenThatExpiresOnTheWayIsRefused) {
  Answer(Rules(kWeb, "2025-12-31T23:59:59Z"));
  Begin();
  EXPECT_EQ(Granted(), "ACL not found");
  EXPECT_EQ(resolver_->known(), 0U);
}

TEST_F(TokenResolverTest, RegistryWithoutAccessControlLetsEverybodyDoEverything) {
  Answer(HttpAnswer(401, "ACL support disabled"));
  Begin();
  EXPECT_EQ(Granted(), "webdb");
  EXPECT_EQ(Granted(""), "webdb");
  clock_.Advance(seconds(30));
  Answer(Rules(kWeb));
  EXPECT_EQ(Granted(), "web");
}

TEST_F(TokenResolverTest, WhatTheRegistryCannotReadGrantsNothing) {
  Begin();
  EXPECT_EQ(Granted(), "web");
  clock_.Advance(seconds(30));
  Answer(HttpAnswer(500, "what this token may do cannot be read"));
  EXPECT_EQ(Granted(), kNobodyToAsk);
  clock_.Advance(seconds(30));
  Answer(Rules(kWeb));
  EXPECT_EQ(Granted(), "web");
}

TEST_F(TokenResolverTest, RegistryThatIsThereOpensNothingWithAllow) {
  Begin(DownPolicy::kAllow);
  for (const int status : {403, 404, 429, 500}) {
    Answer(HttpAnswer(status, "too many requests"));
    clock_.Advance(seconds(30));
    EXPECT_EQ(Granted("new" + std::to_string(status)), kNobodyToAsk) << status;
  }
  Answer(HttpAnswer(503, "No cluster leader"));
  EXPECT_EQ(Granted("another"), "webdb");
}

// None of these says anything about a token.
TEST_F(TokenResolverTest, AnswersThatAreNoneChangeNothing) {
  const std::string good = R"("AccessorID": "a", "DefaultPolicy": "deny")";
  const std::vector<std::string> answers = {
      HttpAnswer(200, ""),
      HttpAnswer(200, "null"),
      HttpAnswer(200, "[]"),
      HttpAnswer(200, "{}"),
      HttpAnswer(200, "{" + good),
      HttpAnswer(200, "{" + good + "}"),
      HttpAnswer(200, "{" + good + R"(, "Rules": {}})"),
      HttpAnswer(200, "{" + good + R"(, "Rules": [1]})"),
      HttpAnswer(200, "{" + good + R"(, "Rules": [["x"]]})"),
      HttpAnswer(200, "{" + good + R"(, "Rules": ["service \"db\" {"]})"),
      HttpAnswer(200, "{" + good + R"(, "Rules": ["servise \"db\" { policy = \"write\" }"]})"),
      HttpAnswer(200, "{" + good + ", \"Rules\": [\"\xff\"]}"),
      HttpAnswer(200, "{" + good + R"(, "Rules": [], "ExpirationTime": "soon"})"),
      HttpAnswer(200, "{" + good + R"(, "Rules": [], "ExpirationTime": 5})"),
      HttpAnswer(200, R"({"AccessorID": "a", "DefaultPolicy": "ALLOW", "Rules": []})"),
      HttpAnswer(200, R"({"AccessorID": "a", "DefaultPolicy": true, "Rules": []})"),
      HttpAnswer(200, R"({"AccessorID": 7, "DefaultPolicy": "allow", "Rules": []})"),
      HttpAnswer(200, R"({"DefaultPolicy": "allow", "Rules": []})"),
      HttpAnswer(200, std::string(100'000, '[')),
      HttpAnswer(200, "{\"Rules\": " + std::string(100'000, '[')),
      HttpAnswer(200, "{" + good + ", \"Rules\": [\"" + std::string(600'000, ' ') + "\"]}"),
      HttpAnswer(200, "{" + good + ", \"Rules\": []}" + std::string(9'000'000, ' ')),
      HttpAnswer(401, "Unauthorized"),
      HttpAnswer(403, "Permission denied"),
      HttpAnswer(403, ""),
      HttpAnswer(404, ""),
      HttpAnswer(429, "too many requests"),
      HttpAnswer(301, "", "Location: http://127.0.0.1:1/\r\n"),
      "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{",
      "nonsense\r\n\r\n",
      ScriptedServer::kClose,
  };
  options_.times.body = milliseconds(300);
  Begin();
  EXPECT_EQ(Granted(), "web");
  for (size_t i = 0; i < answers.size(); ++i) {
    SCOPED_TRACE(std::to_string(i) + ": " + answers[i].substr(0, 200));
    Answer(answers[i]);
    clock_.Advance(seconds(30));
    const size_t asked = requests();
    EXPECT_EQ(Granted(), "web");
    EXPECT_GT(requests(), asked);
    EXPECT_EQ(Granted("new" + std::to_string(i)), kNobodyToAsk);
  }
}

TEST_F(TokenResolverTest, WhoTriesManySecretsTakesNoRoomFromThoseThatAreKnown) {
  resolver_options_.capacity = 2;
  Begin();
  EXPECT_EQ(Granted("a"), "web");
  EXPECT_EQ(Granted("b"), "web");
  Answer(HttpAnswer(403, "ACL not found"));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Granted("guess" + std::to_string(i)), "ACL not found");
  EXPECT_EQ(Granted("a"), "web");
  EXPECT_EQ(Granted("b"), "web");
  EXPECT_EQ(requests(), 22U);
}

TEST_F(TokenResolverTest, TokenThatWasNotUsedForTheLongestMakesRoom) {
  resolver_options_.capacity = 2;
  Begin();
  for (const char* secret : {"a", "b", "a", "c"}) EXPECT_EQ(Granted(secret), "web");
  EXPECT_EQ(resolver_->known(), 2U);
  EXPECT_EQ(requests(), 3U);
  EXPECT_EQ(Granted("a"), "web");
  EXPECT_EQ(requests(), 3U);
  EXPECT_EQ(Granted("b"), "web");
  EXPECT_EQ(requests(), 4U);
}

TEST_F(TokenResolverTest, WhatIsKeptIsBoundedInBytesToo) {
  resolver_options_.max_bytes = 10'000;
  Begin();
  EXPECT_EQ(Granted("a"), "web");
  Answer(Rules(kDb + std::string(9'950, '\n')));
  EXPECT_EQ(Granted("large"), "db");
  EXPECT_EQ(resolver_->known(), 1U);
  EXPECT_EQ(Granted("large"), "db");
  EXPECT_EQ(requests(), 2U);
}

TEST_F(TokenResolverTest, NoMoreThanSoManyAreAskedAboutAtOnce) {
  resolver_options_.max_asking = 2;
  Begin();
  EXPECT_EQ(Granted("known"), "web");
  clock_.Advance(seconds(30));
  Answer(ScriptedServer::kPark);
  const std::vector<Said> waiting = {Ask("a"), Ask("b")};
  EXPECT_EQ(Granted("c"), "too many tokens are being asked about at once; try again");
  EXPECT_EQ(Granted("known"), "web");
  const Said more = Ask("b");
  ASSERT_TRUE(front::RunUntil(loop_, [&] { return server_.parked() == 2; }));
  server_.AnswerParked(Rules(kDb));
  EXPECT_EQ(TextOf(waiting[0]) + TextOf(waiting[1]) + TextOf(more), "dbdbdb");
}

TEST_F(TokenResolverTest, NobodyIsCalledOnceItIsGone) {
  Answer(ScriptedServer::kPark);
  Begin();
  const Said said = Ask();
  ASSERT_TRUE(front::RunUntil(loop_, [&] { return server_.parked() == 1; }));
  resolver_ = nullptr;
  ASSERT_TRUE(front::RunUntil(loop_, [&] { return server_.left() == 1; }));
  EXPECT_FALSE(said->has_value());
}

TEST(DownPolicyWordsTest, AreConsuls) {
  EXPECT_EQ(ParseDownPolicy("extend-cache").value(), DownPolicy::kExtendCache);
  EXPECT_EQ(ParseDownPolicy("async-cache").value(), DownPolicy::kAsyncCache);
  EXPECT_EQ(ParseDownPolicy("deny").value(), DownPolicy::kDeny);
  EXPECT_EQ(ParseDownPolicy("allow").value(), DownPolicy::kAllow);
  EXPECT_EQ(ParseDownPolicy("Deny").error().message,
            "\"Deny\" is none of extend-cache, async-cache, deny and allow");
}

}  // namespace
}  // namespace rollcall::access
