// Every kind of check with a real program to ask: what the registry says while that runs, when it
// has stopped, and when it is back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/programs.h"
#include "tests/e2e/harness/targets.h"

namespace rollcall::e2e {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;

// By the names of checks.
using Statuses = std::map<std::string, std::string>;

Json Check(const std::string& name, const Json& more) {
  Json check = {{"check_id", name}, {"name", name}, {"interval", "1s"}, {"timeout", "5s"}};
  check.update(more);
  return check;
}

std::string Words(const Statuses& statuses) { return Json(statuses).dump(); }

class CheckTargetsTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(server_.Start()); }

  // An agent with the service "app", which has these checks.
  void StartAgent(const Json& checks, const Json& more_services = Json::array(),
                  std::vector<std::string> environment = {}) {
    Json services = more_services;
    services.push_back({{"name", "app"}, {"checks", checks}});
    agent_ = std::make_unique<Agent>(
        Agent::Options{.server_url = server_.Url(),
                       .definitions = {{"services", services}},
                       .more_flags = {"--enable-local-script-checks", "true"},
                       .environment = std::move(environment)});
    agent_->Start();
    ASSERT_TRUE(Eventually([&] { return Http(agent_->http_port()).Get("/v1/agent/self").ok(); }));
  }

  // What the registry says of the agent's checks.
  Statuses Now() {
    Statuses statuses;
    for (const Json& each : server_.Get("/v1/health/node/a1").json()) {
      if (each.at("CheckID") != "serfHealth") statuses[each.at("Name")] = each.at("Status");
    }
    return statuses;
  }
  // The agent's word: an output alone is sent to the registry only now and then.
  std::string OutputOf(const std::string& check) {
    return Http(agent_->http_port()).Get("/v1/agent/checks").json().at(check).at("Output");
  }

  void ExpectBecomes(const Statuses& expected) {
    if (HasFailure()) return;
    EXPECT_TRUE(Eventually([&] { return Now() == expected; }, seconds(20)))
        << Words(Now()) << " instead of " << Words(expected);
  }

  void ExpectFollows(const std::vector<Target*>& targets, const Statuses& up,
                     const Statuses& down) {
    for (Target* each : targets) each->Start();
    ExpectBecomes(up);
    for (Target* each : targets) each->Stop();
    ExpectBecomes(down);
    for (Target* each : targets) each->Start();
    ExpectBecomes(up);
  }

  Server server_;
  std::unique_ptr<Agent> agent_;
};

TEST_F(CheckTargetsTest, NginxOverHttpAndHttpsAndAnAlias) {
  const Certificate certificate("web.test");
  Nginx nginx(certificate);
  const std::string https = "https://" + nginx.tls_address() + "/";
  StartAgent(
      {Check("http", {{"http", "http://" + nginx.address() + "/"}}),
       Check("head", {{"http", "http://" + nginx.address() + "/"}, {"method", "HEAD"}}),
       Check("busy", {{"http", "http://" + nginx.address() + "/busy"}}),
       Check("https of a name", {{"http", https}, {"tls_server_name", "web.test"}}),
       Check("https of another", {{"http", https}, {"tls_server_name", "mail.test"}}),
       Check("https unverified", {{"http", https}, {"tls_skip_verify", true}}),
       Check("tls ping", {{"h2ping", nginx.tls_address()}, {"tls_server_name", "web.test"}})},
      {{{"name", "shop"}, {"check", {{"name", "alias"}, {"alias_service", "front"}}}},
       {{"name", "front"}, {"check", Check("tcp", {{"tcp", nginx.address()}})}}},
      {"SSL_CERT_FILE=" + certificate.path()});
  ExpectFollows({&nginx},
                {{"http", "passing"},
                 {"head", "passing"},
                 {"busy", "warning"},
                 {"https of a name", "passing"},
                 {"https of another", "critical"},
                 {"https unverified", "passing"},
                 {"tls ping", "passing"},
                 {"tcp", "passing"},
                 {"alias", "passing"}},
                {{"http", "critical"},
                 {"head", "critical"},
                 {"busy", "critical"},
                 {"https of a name", "critical"},
                 {"https of another", "critical"},
                 {"https unverified", "critical"},
                 {"tls ping", "critical"},
                 {"tcp", "critical"},
                 {"alias", "critical"}});
  EXPECT_THAT(OutputOf("http"), HasSubstr("200 OK"));
}

TEST_F(CheckTargetsTest, HttpsIsRefusedFromWhomTheHostDoesNotTrust) {
  const Certificate certificate("web.test");
  Nginx nginx(certificate);
  const std::string https = "https://" + nginx.tls_address() + "/";
  StartAgent({Check("verified", {{"http", https}, {"tls_server_name", "web.test"}}),
              Check("unverified", {{"http", https}, {"tls_skip_verify", true}})});
  nginx.Start();
  ExpectBecomes({{"verified", "critical"}, {"unverified", "passing"}});
  EXPECT_TRUE(Eventually([&] {
    return OutputOf("verified").find("certificate verify failed") != std::string::npos;
  })) << OutputOf("verified");
}

TEST_F(CheckTargetsTest, RedisOverTcpAndAsAScript) {
  Redis redis;
  const std::string ping = "redis-cli -p " + redis.port() + " ping";
  StartAgent({Check("tcp", {{"tcp", redis.address()}}),
              Check("cli", {{"args", {"redis-cli", "-p", redis.port(), "ping"}}}),
              Check("shell", {{"args", {"/bin/sh", "-c", ping + " | grep PONG || exit 2"}}})});
  // redis-cli's own exit code for a refused connection is 1.
  ExpectFollows({&redis}, {{"tcp", "passing"}, {"cli", "passing"}, {"shell", "passing"}},
                {{"tcp", "critical"}, {"cli", "warning"}, {"shell", "critical"}});
  EXPECT_EQ(OutputOf("shell"), "PONG\n");
}

TEST_F(CheckTargetsTest, PostgresOverTcpAndAsAScript) {
  Postgres postgres;
  const std::string url = "postgresql://test@" + postgres.address() + "/postgres";
  StartAgent({Check("tcp", {{"tcp", postgres.address()}}),
              Check("ready", {{"args", {"pg_isready", "-d", url}}}),
              Check("query", {{"args", {"psql", "-Atc", "SELECT 6 * 7", url}}})});
  ExpectFollows({&postgres}, {{"tcp", "passing"}, {"ready", "passing"}, {"query", "passing"}},
                {{"tcp", "critical"}, {"ready", "critical"}, {"query", "critical"}});
  EXPECT_EQ(OutputOf("query"), "42\n");
}

TEST_F(CheckTargetsTest, ADnsServerOverUdp) {
  Server target("n2");
  const std::string address = "127.0.0.1:" + std::to_string(target.dns_port());
  StartAgent(Json::array({Check("udp", {{"udp", address}, {"timeout", "1s"}})}));
  ASSERT_TRUE(target.Start());
  ExpectBecomes({{"udp", "passing"}});
  EXPECT_EQ(target.Stop(), 0);
  ExpectBecomes({{"udp", "critical"}});
  ASSERT_TRUE(target.Start());
  ExpectBecomes({{"udp", "passing"}});
}

TEST_F(CheckTargetsTest, EtcdOverGrpc) {
  const Certificate certificate("db.test");
  Etcd plain;
  Etcd tls(&certificate);
  const Json over_tls = {{"grpc", tls.address()}, {"grpc_use_tls", true}};
  Json named = over_tls;
  named["tls_server_name"] = "db.test";
  Json unverified = over_tls;
  unverified["tls_skip_verify"] = true;
  StartAgent(
      {Check("plain", {{"grpc", plain.address()}}),
       Check("unknown service", {{"grpc", plain.address() + "/no.such.Service"}}),
       Check("tls", named), Check("tls unverified", unverified), Check("no trust", over_tls)},
      Json::array(), {"SSL_CERT_FILE=" + certificate.path()});
  ExpectFollows({&plain, &tls},
                {{"plain", "passing"},
                 {"unknown service", "critical"},
                 {"tls", "passing"},
                 {"tls unverified", "passing"},
                 {"no trust", "critical"}},
                {{"plain", "critical"},
                 {"unknown service", "critical"},
                 {"tls", "critical"},
                 {"tls unverified", "critical"},
                 {"no trust", "critical"}});
}

TEST_F(CheckTargetsTest, NghttpdOverHttp2) {
  const Certificate certificate("web.test");
  Nghttpd plain;
  Nghttpd tls(&certificate);
  StartAgent({Check("plain", {{"h2ping", plain.address()}, {"h2ping_use_tls", false}}),
              Check("tls", {{"h2ping", tls.address()}, {"tls_server_name", "web.test"}}),
              Check("tls unverified", {{"h2ping", tls.address()}, {"tls_skip_verify", true}}),
              Check("no trust", {{"h2ping", tls.address()}})},
             Json::array(), {"SSL_CERT_FILE=" + certificate.path()});
  ExpectFollows({&plain, &tls},
                {{"plain", "passing"},
                 {"tls", "passing"},
                 {"tls unverified", "passing"},
                 {"no trust", "critical"}},
                {{"plain", "critical"},
                 {"tls", "critical"},
                 {"tls unverified", "critical"},
                 {"no trust", "critical"}});
}

// The target is a program that speaks by itself: curl in a loop.
TEST_F(CheckTargetsTest, AProgramThatKeepsItsTtlCheckAlive) {
  StartAgent(Json::array({{{"check_id", "job"}, {"name", "job"}, {"ttl", "2s"}}}));
  const TempDir dir;
  const std::string pass =
      "http://127.0.0.1:" + std::to_string(agent_->http_port()) + "/v1/agent/check/pass/job";
  const ProcessOptions program{
      .argv = {"bash", "-euc", "while true; do curl -fsS -X PUT " + pass + "; sleep 0.3; done"},
      .output_path = dir.File("job.log")};
  Process first(program);
  ExpectBecomes({{"job", "passing"}});
  first.Stop();
  ExpectBecomes({{"job", "critical"}});
  EXPECT_THAT(OutputOf("job"), HasSubstr("TTL expired"));
  const Process second(program);
  ExpectBecomes({{"job", "passing"}});
}

}  // namespace
}  // namespace rollcall::e2e
