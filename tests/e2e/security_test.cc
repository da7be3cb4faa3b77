// A server that is closed as docs/security.md says it, and real clients with the least rights that
// the page lists for each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/e2e/closed_server.h"
#include "tests/e2e/harness/dig.h"
#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/nginx_proxy.h"
#include "tests/e2e/harness/npm.h"
#include "tests/e2e/harness/prometheus.h"

namespace rollcall::e2e {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr const char* kReaderRules =
    R"(service_prefix "" { policy = "read" } node_prefix "" { policy = "read" })";

class SecurityTest : public ClosedServerTest {
 protected:
  void SetUp() override { Close(); }

  // The secret of a new token with these rules.
  std::string TokenWith(const std::string& name, const std::string& rules) {
    const Finished policy =
        Rollcall({"acl", "policy", "create", "--name", name, "--rules", rules}, management_);
    EXPECT_EQ(policy.code, 0) << policy.errors;
    return NewToken({"--policy-name", name});
  }
  std::string NewToken(const std::vector<std::string>& flags) {
    std::vector<std::string> arguments = {"acl", "token", "create", "--json"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    const Finished token = Rollcall(arguments, management_);
    EXPECT_EQ(token.code, 0) << token.errors;
    return Json::parse(token.output).value("SecretID", "");
  }

  void Register(const Json& registration) {
    const Reply reply = server_.Put("/v1/catalog/register?token=" + management_, registration);
    ASSERT_TRUE(reply.ok()) << reply.body;
  }
  void RegisterWeb(const std::string& address, int port) {
    Register({{"Node", "host-" + address},
              {"Address", address},
              {"Service", {{"ID", "web-" + address}, {"Service", "web"}, {"Port", port}}}});
  }
};

TEST_F(SecurityTest, WithoutATokenThereIsNothing) {
  RegisterWeb("127.0.0.2", 80);
  EXPECT_EQ(server_.Get("/v1/catalog/nodes").body, "[]");
  EXPECT_EQ(server_.Get("/v1/health/service/web").body, "[]");
  EXPECT_EQ(server_.Get("/v1/agent/self").status, 403);
  EXPECT_EQ(server_.Get("/v1/acl/tokens").status, 403);
  EXPECT_EQ(server_.Get("/v1/snapshot").status, 403);
  EXPECT_EQ(server_.Put("/v1/agent/leave").status, 403);
  EXPECT_EQ(server_.Put("/v1/catalog/register", {{"Node", "evil"}, {"Address", "10.6.6.6"}}).status,
            403);
  const Finished deregistered = Rollcall({"deregister", "web-127.0.0.2"});
  EXPECT_EQ(deregistered.code, 1);
  const Finished nodes = Rollcall({"servers"});
  EXPECT_EQ(nodes.code, 1);
  EXPECT_THAT(nodes.errors, HasSubstr("TOKEN"));
  EXPECT_EQ(Rollcall({"acl", "bootstrap"}).code, 1);
}

TEST_F(SecurityTest, CommandLineReadsWithTheRightsOfAReader) {
  RegisterWeb("127.0.0.2", 80);
  const std::string reader = TokenWith("readers", kReaderRules);
  EXPECT_THAT(Rollcall({"services"}, reader).output, HasSubstr("web"));
  const Finished without = Rollcall({"services"});
  EXPECT_EQ(without.code, 0);
  EXPECT_THAT(without.output, StartsWith("SERVICE"));
  EXPECT_THAT(without.output, Not(HasSubstr("web")));
  EXPECT_THAT(Rollcall({"nodes"}, reader).output, HasSubstr("host-127.0.0.2"));
  EXPECT_EQ(Rollcall({"health", "web"}, reader).code, 0);
  EXPECT_EQ(Rollcall({"acl", "token", "list"}, reader).code, 1);
  EXPECT_EQ(Rollcall({"export", dir_.File("all")}, reader).code, 1);
  EXPECT_THAT(Rollcall({"acl", "token", "read", "--self"}, reader).output, HasSubstr("readers"));
}

TEST_F(SecurityTest, CommandLineRegistersWithTheIdentityOfItsServiceAndNoOther) {
  const std::string web = NewToken({"--service-identity", "web"});
  const std::string definition = R"({"service": {"name": "NAME", "port": 80}})";
  const auto registering = [&](const std::string& name) {
    std::string text = definition;
    text.replace(text.find("NAME"), 4, name);
    return Rollcall({"register", "-"}, web, text);
  };
  EXPECT_EQ(registering("web").code, 0);
  const Finished refused = registering("db");
  EXPECT_EQ(refused.code, 1);
  EXPECT_THAT(refused.errors, HasSubstr("403"));
  EXPECT_EQ(Rollcall({"deregister", "web"}, web).code, 0);
}

// Where each request has a line.
class ChattySecurityTest : public SecurityTest {
 protected:
  void SetUp() override {
    Close({"--acl", "--log-level", "trace", "--audit-log", dir_.File("audit.log")});
  }
};

TEST_F(ChattySecurityTest, SecretsAreInNoLogAndNoMetric) {
  const std::string reader = TokenWith("readers", kReaderRules);
  EXPECT_EQ(server_.Get("/v1/catalog/nodes?token=" + reader).status, 200);
  EXPECT_EQ(server_.Get("/v1/catalog/nodes?token=no-such-secret").status, 403);
  EXPECT_THAT(server_.process().Output(), HasSubstr("/v1/catalog/nodes"));
  const std::string metrics =
      server_.Get("/v1/agent/metrics?format=prometheus&token=" + management_).body;
  ASSERT_TRUE(Eventually([&] {
    return ReadFile(dir_.File("audit.log")).find("\"status\":403") != std::string::npos;
  }));
  for (const std::string& secret : {reader, management_, std::string("no-such-secret")}) {
    EXPECT_THAT(ReadFile(dir_.File("audit.log")), Not(HasSubstr(secret)));
    EXPECT_THAT(server_.process().Output(), Not(HasSubstr(secret)));
    EXPECT_THAT(metrics, Not(HasSubstr(secret)));
  }
}

TEST_F(SecurityTest, TokensOutliveARestartAndARemovedOneDoesNot) {
  const std::string reader = TokenWith("readers", kReaderRules);
  const std::string gone = NewToken({"--policy-name", "readers"});
  const Json self = server_.Get("/v1/acl/token/self?token=" + gone).json();
  EXPECT_EQ(Rollcall({"acl", "token", "delete", "--id", self.at("AccessorID")}, management_).code,
            0);
  server_.Kill();
  ASSERT_TRUE(server_.Start({"--acl"}));
  EXPECT_NE(server_.Get("/v1/catalog/nodes?token=" + reader).body, "[]");
  EXPECT_EQ(server_.Get("/v1/catalog/nodes?token=" + gone).status, 403);
  EXPECT_EQ(Rollcall({"acl", "bootstrap"}).code, 1);
}

TEST_F(SecurityTest, PrometheusDiscoversWithTheRightsOfAReader) {
  RegisterWeb("127.0.0.2", 80);
  const std::string reader = TokenWith("readers", kReaderRules);
  const auto job = [this](const std::string& secret) {
    const Json entry = {{"url", server_.Url() + "/v1/prometheus/sd?service=web"},
                        {"refresh_interval", "1s"},
                        {"authorization", {{"type", "Bearer"}, {"credentials", secret}}}};
    return Json{{"http_sd_configs", Json::array({entry})}};
  };
  Prometheus prometheus(
      std::map<std::string, Json>{{"with", job(reader)}, {"without", job("no-such-secret")}});
  ASSERT_TRUE(prometheus.Start());
  EXPECT_TRUE(Eventually(
      [&] {
        return prometheus.Targets("with", "__meta_consul_service_id").contains("web-127.0.0.2");
      },
      seconds(60)));
  EXPECT_THAT(prometheus.Targets("without", "__meta_consul_service_id"), IsEmpty());
}

TEST_F(SecurityTest, NpmClientWorksWithTheIdentityOfItsService) {
  ASSERT_EQ(Rollcall({"acl", "policy", "create", "--name", "self", "--rules",
                      R"(agent_prefix "" { policy = "read" })"},
                     management_)
                .code,
            0);
  const std::string secret = NewToken(
      {"--service-identity", "web", "--service-identity", "beating", "--policy-name", "self"});
  const Finished client =
      RunNodeScript("consul_client.js", {"127.0.0.1", std::to_string(server_.http_port()), secret});
  EXPECT_EQ(client.code, 0) << client.output;
  EXPECT_TRUE(client.output.ends_with("done\n")) << client.output;
  const Finished refused =
      RunNodeScript("consul_client.js", {"127.0.0.1", std::to_string(server_.http_port())});
  EXPECT_NE(refused.code, 0);
}

TEST_F(SecurityTest, AgentWorksWithTheIdentitiesOfItsNodeAndItsServices) {
  const std::string node = NewToken({"--node-identity", "a1:dc1"});
  const std::string services = NewToken({"--service-identity", "web"});
  const auto definitions = [&](const char* service) {
    return Json{{"acl", {{"tokens", {{"agent", node}, {"default", services}}}}},
                {"services", {{{"name", service}, {"port", 80}, {"check", {{"ttl", "60s"}}}}}}};
  };
  Agent agent({.server_url = server_.Url(), .definitions = definitions("web")});
  agent.Start();
  const std::string web = "/v1/health/service/web?token=" + management_;
  ASSERT_TRUE(Eventually([&] { return server_.Get(web).json().size() == 1; }))
      << agent.process().Output();
  EXPECT_EQ(Http(agent.http_port()).Put("/v1/agent/check/pass/service:web").status, 200);
  EXPECT_TRUE(Eventually([&] {
    return server_.Get("/v1/health/service/web?passing&token=" + management_).json().size() == 1;
  }));
  // What a program asks through the agent without a token is asked with that of the agent.
  EXPECT_EQ(Http(agent.http_port()).Get("/v1/health/service/web").json().size(), 1U);
  EXPECT_EQ(Http(agent.http_port()).Get("/v1/acl/tokens").status, 403);
  // A service that its token is not for is not registered, and the log says why.
  agent.Define(definitions("db"));
  agent.process().Signal(SIGHUP);
  EXPECT_TRUE(Eventually([&] { return server_.Get(web).json().empty(); }, seconds(30)));
  EXPECT_TRUE(Eventually(
      [&] {
        return agent.process().Output().find("403") != std::string::npos ||
               agent.process().Output().find("Permission denied") != std::string::npos;
      },
      seconds(30)))
      << agent.process().Output();
  EXPECT_EQ(server_.Get("/v1/catalog/service/db?token=" + management_).body, "[]");
  EXPECT_THAT(agent.process().Output(), Not(HasSubstr(node)));
  EXPECT_THAT(agent.process().Output(), Not(HasSubstr(services)));
}

TEST_F(SecurityTest, AgentControlsAccessToItsOwnApiAlsoWithoutTheRegistry) {
  const std::string node = NewToken({"--node-identity", "a1:dc1"});
  const std::string web = NewToken({"--service-identity", "web"});
  const std::string unused = NewToken({"--service-identity", "web"});
  Agent agent({.server_url = server_.Url(),
               .definitions = {{"acl", {{"enabled", true}, {"tokens", {{"agent", node}}}}}}});
  agent.Start();
  const auto registering = [&](const std::string& secret, const std::string& name) {
    return Http(agent.http_port())
        .Put("/v1/agent/service/register?token=" + secret, Json{{"Name", name}, {"Port", 80}})
        .status;
  };
  ASSERT_TRUE(Eventually([&] { return registering(web, "web") == 200; }, seconds(30)));
  EXPECT_EQ(registering("", "web"), 403);
  EXPECT_EQ(registering("no-such-secret", "web"), 403);
  EXPECT_EQ(registering(web, "db"), 403);
  EXPECT_EQ(Http(agent.http_port()).Get("/v1/agent/services").body, "{}");
  EXPECT_EQ(Http(agent.http_port()).Get("/v1/agent/self").status, 403);
  const std::string health = "/v1/health/service/web?token=" + management_;
  EXPECT_TRUE(Eventually([&] { return server_.Get(health).json().size() == 1; }, seconds(30)));
  server_.Kill();
  // What was known counts on; what was never known does not.
  EXPECT_EQ(registering(web, "web"), 200);
  EXPECT_EQ(registering(unused, "web"), 403);
}

// With a token of DNS in the configuration file.
class SecureDnsTest : public SecurityTest {
 protected:
  void SetUp() override {
    WriteConfig("");
    Close({"--config", config_});
  }
  void WriteConfig(const std::string& dns_token) {
    config_ = dir_.Write(
        "server.json", Json{{"acl", {{"enabled", true}, {"tokens", {{"dns", dns_token}}}}}}.dump());
  }
  std::string config_;
};

TEST_F(SecureDnsTest, NginxFindsWhatTheTokenOfDnsMayRead) {
  const Port backend_port;
  const Backend backend("127.0.0.2", backend_port.number(), "web");
  RegisterWeb("127.0.0.2", backend_port.number());
  NginxProxy nginx;
  nginx.Start({"127.0.0.1:" + std::to_string(server_.dns_port())}, backend_port.number());
  // The anonymous token may read nothing.
  ASSERT_TRUE(Eventually([&] { return Http(nginx.port(), seconds(2)).Get("/").status == 502; }));
  WriteConfig(
      TokenWith("dns", R"(service "web" { policy = "read" } node_prefix "" { policy = "read" })"));
  ASSERT_TRUE(server_.Put("/v1/agent/reload?token=" + management_).ok());
  EXPECT_TRUE(Eventually([&] { return Http(nginx.port(), seconds(2)).Get("/").body == "web"; }));
}

}  // namespace
}  // namespace rollcall::e2e
