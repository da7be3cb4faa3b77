// The agent over TLS, on both of its sides, with certificates of `rollcall tls`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <future>
#include <iterator>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/https_server.h"

namespace rollcall::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class AgentHttpsTest : public HttpsTest {
 protected:
  AgentHttpsTest() {
    Make(
        "rollcall tls ca create; rollcall tls cert create -server; rollcall tls cert create "
        "-client");
    Install(ServerPair());
    dir_.Write("agent.pem", ReadFile(Made("dc1-client-consul-0.pem")));
    dir_.Write("agent.key", ReadFile(Made("dc1-client-consul-0-key.pem")));
  }

  void Make(const std::string& script) const {
    const std::string program = ROLLCALL_PROGRAM;
    const Finished done = Run({"bash", "-euc", "cd \"$0\"; export PATH=\"$1:$PATH\"\n" + script,
                               dir_.path(), program.substr(0, program.rfind('/'))});
    ASSERT_EQ(done.code, 0) << done.errors;
  }
  std::string Made(const std::string& file) const { return dir_.File(file); }
  std::string CaFile() const { return Made("consul-agent-ca.pem"); }
  KeyPair ServerPair() const {
    return {Made("dc1-server-consul-0.pem"), Made("dc1-server-consul-0-key.pem")};
  }

  // Consul's words, with what is different.
  Json Settings(const Json& more = Json::object()) const {
    Json defaults = {{"ca_file", CaFile()},
                     {"cert_file", Made("agent.pem")},
                     {"key_file", Made("agent.key")},
                     {"verify_outgoing", true}};
    defaults.update(more);
    return {{"tls", {{"defaults", defaults}}}, {"service", {{"name", "web"}, {"port", 80}}}};
  }
  void StartAgent(const Json& file, const std::vector<std::string>& flags = {}) {
    agent_ = std::make_unique<Agent>(
        Agent::Options{.server_url = Url(), .definitions = file, .more_flags = flags});
    agent_->Start();
  }
  std::string AgentLog() const { return agent_->process().Output(); }
  bool AgentLogs(const std::string& text) {
    return Eventually([&] { return AgentLog().find(text) != std::string::npos; });
  }
  bool WebIsThere() {
    return Eventually([&] {
      return server_.Get("/v1/health/service/web?passing").body.find("\"a1\"") != std::string::npos;
    });
  }
  // What curl says of the agent's HTTPS port: its code, when it trusts that authority.
  int CurlAgent(const std::string& ca_file, const std::vector<std::string>& more = {}) const {
    std::vector<std::string> argv = {"curl",
                                     "-sS",
                                     "--max-time",
                                     "15",
                                     "--cacert",
                                     ca_file,
                                     "-o",
                                     dir_.File("body"),
                                     "https://" + agent_https_.address() + "/v1/agent/self"};
    argv.insert(argv.end(), more.begin(), more.end());
    return Run(argv).code;
  }

  const Port agent_https_;
  std::unique_ptr<Agent> agent_;
};

TEST_F(AgentHttpsTest, AllThatItAsksGoesOverTlsWithItsCertificate) {
  Start({"--tls-ca-file", CaFile(), "--tls-verify-incoming", "--log-level", "debug"});
  Json file = Settings();
  file["watches"] = {{{"type", "services"}, {"args", {"true"}}}};
  StartAgent(file);
  ASSERT_TRUE(WebIsThere()) << AgentLog();
  Http programs(agent_->http_port());
  EXPECT_EQ(programs.Get("/v1/catalog/datacenters").body, "[\"dc1\"]");
  EXPECT_EQ(programs.Get("/v1/health/service/web?cached").status, 200);
  EXPECT_THAT(Log(), AllOf(HasSubstr("GET /v1/catalog/datacenters from 127.0.0.1 (CN=client.dc1"),
                           HasSubstr("GET /v1/catalog/services from 127.0.0.1 (CN=client.dc1"),
                           HasSubstr("PUT /v1/catalog/register from 127.0.0.1 (CN=client.dc1")));
  // A second connection for programs, since the first one waits.
  const auto waiting = std::async(std::launch::async, [this] {
    Http(agent_->http_port()).Get("/v1/health/service/web?index=1000000&wait=2s");
  });
  EXPECT_TRUE(Eventually([&] {
    programs.Get("/v1/catalog/datacenters");
    return Metric("rollcall_tls_handshakes_total{result=\"resumed\"}") > 0;
  }));
  EXPECT_EQ(Metric("rollcall_tls_handshakes_total{result=\"failed\"}"), 0);
}

TEST_F(AgentHttpsTest, WhatIsWrongWithTheServerOrItsOwnCertificateIsInTheLog) {
  Start({"--tls-ca-file", CaFile(), "--tls-verify-incoming"});
  const struct {
    Json file;
    const char* said;
  } cases[] = {
      {Settings({{"ca_file", authority_.file()}}), "authority that is not trusted here"},
      {{{"ca_file", CaFile()}}, "wants a certificate of its clients"},
  };
  for (const auto& each : cases) {
    StartAgent(each.file);
    EXPECT_TRUE(AgentLogs(each.said)) << AgentLog();
    // A program is told, too.
    const Reply reply =
        Http(agent_->http_port()).Put("/v1/catalog/deregister", Json{{"Node", "x"}});
    EXPECT_EQ(reply.status, 503);
    EXPECT_THAT(reply.body, HasSubstr(each.said));
  }
}

TEST_F(AgentHttpsTest, CertificateOfAClientDoesNotPassForAServers) {
  Install({Made("dc1-client-consul-0.pem"), Made("dc1-client-consul-0-key.pem")});
  Start();
  Json file = Settings();
  StartAgent(file);
  EXPECT_TRUE(WebIsThere()) << AgentLog();  // it is for 127.0.0.1, too
  file["tls"]["internal_rpc"] = {{"verify_server_hostname", true}};
  StartAgent(file);
  EXPECT_TRUE(AgentLogs("not for server.dc1.consul but for client.dc1.consul")) << AgentLog();
  Install(ServerPair());
  EXPECT_EQ(server_.Put("/v1/agent/reload").status, 200);
  EXPECT_TRUE(AgentLogs("connected to the registry")) << AgentLog();
}

TEST_F(AgentHttpsTest, ItServesHttpsAndReadsCertificatesAgain) {
  Start();
  Json file = Settings({{"verify_incoming", true}});
  agent_ = std::make_unique<Agent>(Agent::Options{
      .server_url = Url(), .definitions = file, .more_flags = {"--https", agent_https_.address()}});
  std::vector<std::string> argv = agent_->CommandLine();
  *std::next(std::find(argv.begin(), argv.end(), "--http")) = "off";
  Process process({.argv = argv, .output_path = dir_.File("without-http.log")});
  const auto logs = [&](const std::string& text) {
    return Eventually([&] { return process.Output().find(text) != std::string::npos; });
  };
  const std::vector<std::string> as_client = {"--cert", Made("dc1-client-consul-0.pem"), "--key",
                                              Made("dc1-client-consul-0-key.pem")};
  ASSERT_TRUE(Eventually([&] { return CurlAgent(CaFile(), as_client) == 0; })) << process.Output();
  EXPECT_THAT(
      ReadFile(dir_.File("body")),
      AllOf(HasSubstr("\"HTTPPort\":-1"), HasSubstr("\"HTTPSPort\":" + agent_https_.text())));
  EXPECT_EQ(CurlAgent(CaFile()), 56);
  ASSERT_TRUE(WebIsThere());

  // A pair that does not belong together is refused, and the old one stays.
  const KeyPair other = authority_.SignServer("other");
  dir_.Write("agent.key", ReadFile(other.key));
  process.Signal(SIGHUP);
  EXPECT_TRUE(logs("reload refused, nothing has changed: TLS: " + Made("agent.key") +
                   ": the key is not that of the certificate"))
      << process.Output();
  EXPECT_EQ(CurlAgent(CaFile(), as_client), 0);

  dir_.Write("agent.pem", ReadFile(other.certificate));
  process.Signal(SIGHUP);
  EXPECT_TRUE(logs("reloaded the definitions and the certificates")) << process.Output();
  EXPECT_EQ(CurlAgent(authority_.file(), as_client), 0);
  EXPECT_EQ(CurlAgent(CaFile(), as_client), 60);
}

TEST_F(AgentHttpsTest, WhatDoesNotGoTogetherIsAStartError) {
  const auto refusal = [&](const Json& file, const std::string& server) {
    const Finished done = Run({ROLLCALL_AGENT_PROGRAM, "--config",
                               dir_.Write("bad.json", file.dump()), "--server", server});
    EXPECT_EQ(done.code, 1);
    return done.errors;
  };
  const std::string plain = "http://127.0.0.1:1";
  EXPECT_THAT(refusal(Settings(), plain), HasSubstr("verify_outgoing: the server " + plain));
  EXPECT_THAT(refusal({{"verify_server_hostname", true}}, plain),
              HasSubstr("verify_server_hostname"));
  EXPECT_THAT(refusal({{"https", "127.0.0.1:1"}}, plain), HasSubstr("needs cert_file"));
  EXPECT_THAT(refusal({{"cert_file", "a.pem"}}, plain), HasSubstr("go together"));
  EXPECT_THAT(refusal({{"tls_min_version", "TLSv1_1"}}, plain), HasSubstr("TLSv1_2 or TLSv1_3"));
  EXPECT_THAT(
      refusal({{"ca_file", "a.pem"}, {"tls", {{"defaults", {{"ca_file", "b.pem"}}}}}}, plain),
      HasSubstr("said in two places"));
  EXPECT_THAT(refusal(Settings({{"key_file", "/missing.key"}}), Url()),
              AllOf(HasSubstr("/missing.key"), HasSubstr("No such file")));
}

}  // namespace
}  // namespace rollcall::e2e
