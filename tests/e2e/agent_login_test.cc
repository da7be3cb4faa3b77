// An agent that logs in by itself at a closed server, with JWTs that the test signs and puts into a
// file as an orchestrator does.
#include <gmock/gmock.h>

#include <regex>
#include <set>

#include "tests/e2e/agent_login_fixture.h"
#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/page.h"

namespace rollcall::e2e {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

TEST_F(AgentLoginE2eTest, RegistersRenewsBeforeTheEndAndLogsOutLast) {
  const std::string first = Jwt(seconds(15));
  PutJwt(first);
  StartAgent();
  ASSERT_TRUE(Eventually([&] { return IsPassing(); }, kPatience)) << agent_->process().Output();
  const Json indexes = IndexesOfService();
  ASSERT_THAT(TokensOfLogins(), SizeIs(1));
  const std::string first_accessor = TokensOfLogins()[0];
  EXPECT_THAT(Get("/v1/acl/token/" + first_accessor).json().at("Description").get<std::string>(),
              HasSubstr("web-1"));

  // The orchestrator has the next one ready, and the agent takes it before the token's end.
  const std::string second = Jwt(minutes(10));
  PutJwt(second);
  std::set<bool> passing;
  ASSERT_TRUE(Eventually(
      [&] {
        passing.insert(IsPassing());
        return LoginsMade() >= 2;
      },
      kPatience));
  // The token of before expires, and nobody sees anything of it.
  ASSERT_TRUE(Eventually(
      [&] {
        passing.insert(IsPassing());
        return Get("/v1/acl/token/" + first_accessor).status != 200;
      },
      kPatience));
  EXPECT_EQ(passing, std::set<bool>{true});
  EXPECT_EQ(IndexesOfService(), indexes);
  EXPECT_THAT(agent_->process().Output(), Not(HasSubstr("refuses")));

  EXPECT_EQ(agent_->Stop(), 0);
  EXPECT_EQ(Get("/v1/catalog/node/a1").json(), Json());
  EXPECT_THAT(TokensOfLogins(), IsEmpty());
  const std::string log = agent_->process().Output();
  EXPECT_THAT(log, HasSubstr("logged out"));
  EXPECT_LT(log.find("deregistered node"), log.find("logged out"));
  EXPECT_THAT(log, Not(HasSubstr(first)));
  EXPECT_THAT(log, Not(HasSubstr(second)));
}

TEST_F(AgentLoginE2eTest, SecretIsInNoLogAnswerOrFile) {
  PutJwt(Jwt(minutes(10)));
  StartAgent();
  ASSERT_TRUE(Eventually([&] { return IsPassing(); }, kPatience)) << agent_->process().Output();
  // Whatever looks like a secret is the ID of something that may be known.
  std::set<std::string> known;
  for (const std::string& accessor : TokensOfLogins()) known.insert(accessor);
  known.insert(Get("/v1/catalog/node/a1").json().at("Node").at("ID").get<std::string>());
  const std::regex uuid("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  for (const std::string& text : {agent_->process().Output(), MetricsOfAgent(),
                                  Http(agent_->http_port()).Get("/v1/agent/self").body}) {
    for (std::sregex_iterator each(text.begin(), text.end(), uuid), end; each != end; ++each) {
      EXPECT_TRUE(known.contains(each->str())) << each->str() << " in " << text;
    }
  }
}

TEST_F(AgentLoginE2eTest, MethodThatIsRemovedAndMadeAnewIsRecoveredFrom) {
  PutJwt(Jwt(minutes(10)));
  StartAgent();
  ASSERT_TRUE(Eventually([&] { return IsPassing(); }, kPatience)) << agent_->process().Output();
  const Json indexes = IndexesOfService();
  RemoveMethod();
  // Its token is gone with it, so that there are no heartbeats any more.
  ASSERT_TRUE(Eventually([&] { return !IsPassing(); }, kPatience));
  ASSERT_TRUE(
      Eventually([&] { return LogSays("is there an auth method of that name?"); }, kPatience));
  EXPECT_THAT(MetricsOfAgent(), HasSubstr("rollcall_agent_login_has_token 0"));
  MakeMethod();
  EXPECT_TRUE(Eventually([&] { return IsPassing(); }, kPatience)) << agent_->process().Output();
  // It never was away, nor is it another one.
  EXPECT_EQ(IndexesOfService(), indexes);
  EXPECT_THAT(MetricsOfAgent(), HasSubstr("rollcall_agent_login_has_token 1"));
}

TEST_F(AgentLoginE2eTest, FileThatIsNoJwtIsNamedAndReadAgain) {
  StartAgent();
  const std::string failed = "login with the auth method ci failed: ";
  ASSERT_TRUE(Eventually(
      [&] { return LogSays(failed + "cannot read " + dir_.File("jwt") + ": No such file"); },
      kPatience));
  EXPECT_EQ(Http(agent_->http_port()).Get("/v1/agent/self").status, 200);
  const std::pair<std::string, const char*> contents[] = {
      {"", " is empty"},
      {std::string(17'000, 'a'), " is larger than 16 KiB"},
      {R"({"access_token": "hush"})", " holds something else than a JWT"},
  };
  for (const auto& [content, said] : contents) {
    PutJwt(content);
    const std::string line = failed + dir_.File("jwt") + said;
    ASSERT_TRUE(Eventually([&] { return LogSays(line); }, kPatience)) << agent_->process().Output();
  }
  // What looks like one goes to the server, which refuses it.
  PutJwt("no.jwt.hush");
  ASSERT_TRUE(Eventually([&] { return LogSays("answers 403: Permission denied"); }, kPatience));
  EXPECT_THAT(agent_->process().Output(), Not(HasSubstr("hush")));
  EXPECT_FALSE(IsPassing());
  PutJwt(Jwt(minutes(10)));
  EXPECT_TRUE(Eventually([&] { return IsPassing(); }, kPatience)) << agent_->process().Output();
}

TEST_F(AgentLoginE2eTest, AgentHasTheRightsOfItsRulesAndItsProgramsHaveNone) {
  PutJwt(Jwt(minutes(10), "another"));
  StartAgent();
  // Its node, and not the service that its JWT says nothing of.
  ASSERT_TRUE(
      Eventually([&] { return LogSays("the registry refuses a change with 403"); }, kPatience));
  EXPECT_TRUE(Eventually([&] { return Get("/v1/catalog/node/a1").json().is_object(); }, kPatience));
  EXPECT_FALSE(IsPassing());
  EXPECT_EQ(Http(agent_->http_port())
                .Put("/v1/catalog/register", Json{{"Node", "a1"}, {"Address", "10.6.6.6"}})
                .status,
            403);
  ExpectMetricsOnPage(MetricsOfAgent(), ROLLCALL_METRICS_PAGE);
}

}  // namespace
}  // namespace rollcall::e2e
