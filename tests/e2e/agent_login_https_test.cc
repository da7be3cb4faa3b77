// An agent that logs in by itself at a closed server over TLS, with certificates of `rollcall tls`.
#include <gmock/gmock.h>

#include <csignal>

#include "tests/e2e/agent_login_fixture.h"
#include "tests/e2e/harness/certificates.h"
#include "tests/e2e/harness/eventually.h"

namespace rollcall::e2e {
namespace {

using std::chrono::minutes;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// Those of docs/tls.md.
constexpr const char* kCommands =
    "cd \"$0\"; export PATH=\"$1:$PATH\"; rollcall tls ca create; "
    "rollcall tls cert create -server; rollcall tls cert create -client";

class AgentLoginHttpsTest : public AgentLoginE2eTest {
 protected:
  // HTTP, too, for the test's own questions.
  void SetUp() override {
    MakeCertificates();
    Close({"--acl", "--https", https_.address(), "--tls-cert-file", Made("server"),
           "--tls-key-file", Made("server", "-key"), "--tls-ca-file", CaFile(),
           "--tls-verify-incoming", "--log-level", "debug"});
    MakeMethod();
    PutJwt(jwt_);
  }

  void MakeCertificates() const {
    const std::string program = ROLLCALL_PROGRAM;
    const Finished done = RunToEnd(
        {.argv = {"bash", "-euc", kCommands, dir_.path(), program.substr(0, program.rfind('/'))},
         .output_path = dir_.File("out"),
         .error_path = dir_.File("err")});
    ASSERT_EQ(done.code, 0) << done.errors;
  }
  std::string CaFile() const { return dir_.File("consul-agent-ca.pem"); }
  std::string Made(const std::string& kind, const std::string& what = "") const {
    return dir_.File("dc1-" + kind + "-consul-0" + what + ".pem");
  }

  void StartAgentThatTrusts(const std::string& ca_file) {
    StartAgent({"https://" + https_.address()}, {{"tls",
                                                  {{"defaults",
                                                    {{"ca_file", ca_file},
                                                     {"cert_file", Made("client")},
                                                     {"key_file", Made("client", "-key")},
                                                     {"verify_outgoing", true}}}}}});
  }
  // Of the server: how many came to this result.
  int Handshakes(const std::string& result) {
    const std::string metrics = Get("/v1/agent/metrics?format=prometheus").body;
    const std::string name = "rollcall_tls_handshakes_total{result=\"" + result + "\"} ";
    const size_t at = metrics.find(name);
    return at == std::string::npos ? -1 : std::stoi(metrics.substr(at + name.size()));
  }

  const Port https_;
  const std::string jwt_ = Jwt(minutes(10));
};

TEST_F(AgentLoginHttpsTest, LogsInRegistersAndLogsOutWithItsCertificate) {
  StartAgentThatTrusts(CaFile());
  ASSERT_TRUE(Eventually([&] { return IsPassing(); }, kPatience)) << AgentLog();
  EXPECT_THAT(TokensOfLogins(), SizeIs(1));
  EXPECT_EQ(agent_->Stop(), 0);
  EXPECT_EQ(Get("/v1/catalog/node/a1").json(), Json());
  EXPECT_THAT(TokensOfLogins(), IsEmpty());
  EXPECT_THAT(AgentLog(), AllOf(HasSubstr("logged out"), Not(HasSubstr(jwt_))));
  EXPECT_THAT(
      server_.process().Output(),
      AllOf(HasSubstr("POST /v1/acl/login from 127.0.0.1 (CN=client.dc1"),
            HasSubstr("PUT /v1/catalog/register from 127.0.0.1 (CN=client.dc1"),
            HasSubstr("POST /v1/acl/logout from 127.0.0.1 (CN=client.dc1"), Not(HasSubstr(jwt_))));
}

TEST_F(AgentLoginHttpsTest, ServerOfAnAuthorityThatIsNotTrustedGetsNoJwtUntilItIs) {
  const Authority another(dir_, "another");
  const std::string trusted = dir_.Write("trusted.pem", ReadFile(another.file()));
  StartAgentThatTrusts(trusted);
  ASSERT_TRUE(
      Eventually([&] { return LogSays("login with the auth method ci failed: "); }, kPatience));
  EXPECT_THAT(AgentLog(), HasSubstr("authority that is not trusted here"));
  // It goes on trying, and never gets as far as a request.
  ASSERT_TRUE(Eventually([&] { return Logins("failed") >= 3; }, kPatience)) << MetricsOfAgent();
  EXPECT_TRUE(Eventually([&] { return Handshakes("failed") >= 3; }));
  EXPECT_EQ(Handshakes("full"), 0);
  EXPECT_EQ(Handshakes("resumed"), 0);
  EXPECT_THAT(server_.process().Output(), Not(HasSubstr("/v1/acl/login")));
  EXPECT_FALSE(IsPassing());

  dir_.Write("trusted.pem", ReadFile(CaFile()));
  agent_->process().Signal(SIGHUP);
  ASSERT_TRUE(Eventually([&] { return IsPassing(); }, kPatience)) << AgentLog();
  EXPECT_EQ(LoginsMade(), 1);
  EXPECT_THAT(AgentLog(), Not(HasSubstr(jwt_)));
}

}  // namespace
}  // namespace rollcall::e2e
