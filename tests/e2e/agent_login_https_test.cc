// An agent that logs in over HTTPS: its JWT goes to the registry, and to nobody else.
#include <gmock/gmock.h>

#include <csignal>

#include "tests/e2e/agent_login_fixture.h"
#include "tests/e2e/harness/certificates.h"
#include "tests/e2e/harness/port.h"

namespace rollcall::e2e {
namespace {

using std::chrono::minutes;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class AgentLoginHttpsTest : public AgentLoginE2eTest {
 protected:
  void SetUp() override {
    Close({"--acl", "--https", https_.address(), "--tls-cert-file", pair_.certificate,
           "--tls-key-file", pair_.key, "--log-level", "debug"});
    MakeMethod();
    PutJwt(Jwt(minutes(10)));
  }
  void StartAgentThatTrusts(const Authority& authority) {
    dir_.Write("trusted.pem", ReadFile(authority.file()));
    StartAgent("https://" + https_.address(), {"--tls-ca-file", dir_.File("trusted.pem")});
  }
  std::string ServerLog() { return server_.process().Output(); }

  const Authority authority_{dir_};
  const KeyPair pair_ = authority_.SignServer();
  const Port https_;
};

TEST_F(AgentLoginHttpsTest, LogsInServesAndLogsOut) {
  StartAgentThatTrusts(authority_);
  ASSERT_TRUE(Eventually([&] { return IsPassing(); }, kPatience)) << agent_->process().Output();
  EXPECT_THAT(TokensOfLogins(), SizeIs(1));
  EXPECT_EQ(agent_->Stop(), 0);
  EXPECT_THAT(TokensOfLogins(), IsEmpty());
  EXPECT_THAT(ServerLog(), HasSubstr("POST /v1/acl/login from 127.0.0.1"));
}

TEST_F(AgentLoginHttpsTest, ServerThatIsNotTrustedIsShownNoJwt) {
  StartAgentThatTrusts(Authority(dir_, "other"));
  const std::string why = "login with the auth method ci failed: ";
  ASSERT_TRUE(Eventually([&] { return LogSays(why); }, kPatience)) << agent_->process().Output();
  EXPECT_THAT(agent_->process().Output(), HasSubstr("authority that is not trusted here"));
  EXPECT_THAT(ServerLog(), Not(HasSubstr("/v1/acl/login")));
  EXPECT_THAT(TokensOfLogins(), IsEmpty());
  // Once it knows the authority it goes on by itself.
  dir_.Write("trusted.pem", ReadFile(authority_.file()));
  agent_->process().Signal(SIGHUP);
  EXPECT_TRUE(Eventually([&] { return IsPassing(); }, kPatience)) << agent_->process().Output();
  EXPECT_THAT(TokensOfLogins(), SizeIs(1));
}

}  // namespace
}  // namespace rollcall::e2e
