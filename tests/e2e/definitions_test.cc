// Ten files in the shapes that Consul's documentation shows: they load as they are, and a broken
// one among them is named and stops nothing that runs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/page.h"
#include "tests/e2e/harness/programs.h"

namespace rollcall::e2e {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kTenth = "10-camel-case.json";

class DefinitionsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::copy(ROLLCALL_DEFINITIONS, Directory());
    tenth_ = ReadFile(Directory() + "/" + kTenth);
    ASSERT_NE(tenth_, "");
  }

  std::string Directory() const { return dir_.File("agent.d"); }
  std::string Tenth() const { return Directory() + "/" + kTenth; }
  void WriteTenth(const std::string& text) { dir_.Write(std::string("agent.d/") + kTenth, text); }

  // The program's last words, of one that is to end by itself.
  Finished Run(std::vector<std::string> argv) {
    argv.insert(argv.end(), {"--enable-local-script-checks", "true"});
    return RunToEnd(
        {.argv = std::move(argv), .output_path = dir_.File("out"), .error_path = dir_.File("err")});
  }

  void StartAgent() {
    ASSERT_TRUE(server_.Start());
    agent_ = std::make_unique<Agent>(Agent::Options{
        .server_url = server_.Url(),
        .more_flags = {"--config", Directory(), "--enable-local-script-checks", "true"},
        .environment = {"CHECK_LOG=" + dir_.File("checks.log")}});
    agent_->Start();
    ASSERT_TRUE(Eventually([&] { return Get("/v1/agent/self").ok(); })) << Log();
  }

  Reply Get(const std::string& path) { return Http(agent_->http_port()).Get(path); }
  Reply Reload() { return Http(agent_->http_port()).Put("/v1/agent/reload"); }
  std::string Log() { return agent_->process().Output(); }

  // A script of the first file runs once more.
  bool ScriptRuns() {
    const size_t before = ReadFile(dir_.File("checks.log")).size();
    return Eventually([&] { return ReadFile(dir_.File("checks.log")).size() > before; });
  }

  const TempDir dir_;
  std::string tenth_;
  Server server_;
  std::unique_ptr<Agent> agent_;
};

std::vector<std::string> KeysOf(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

// A way in which a file can be broken.
struct Breakage {
  std::string text;
  std::string message;  // after the file's path
};

std::vector<Breakage> Breakages(const std::string& good) {
  return {
      {With(good, R"("Port": 7301,
    "Meta")",
            R"("Port": 7301
    "Meta")"),
       ":8: syntax error"},
      {With(good, "\"Tags\"", "\"Tag\""), ":2: Service: unknown field \"Tag\""},
      {With(good, R"("Port": 7301,
    "Meta")",
            R"("Port": "7301",
    "Meta")"),
       ":2: Service: Port: expected"},
      {With(good, "\"15m\"", "\"15 minutes\""), ":2: Service: time: unknown unit"},
      {With(good, "search-1", "cache-a"), ":2: service \"cache-a\" is already defined in "},
      {With(good, "search-alive", "nightly"), ":2: check \"nightly\" is already defined in "},
      {R"({
  "checks": [
    {"id": "one", "ttl": "1s"},
    {
      "id": "two", "ttl": "1s", "service_id": "search-1"
    }
  ]
})",
       ":4: ServiceID \"search-1\" does not exist"},
      {With(good, "\"TTL\": \"15m\"", R"("DockerContainerID": "f972c95ebf0e", "Args": ["x"])"),
       ":2: Service: Invalid check: DockerContainerID is not supported"},
      {"", ":1: syntax error"},
  };
}

TEST_F(DefinitionsTest, AreValid) {
  const Finished checked = Run({ROLLCALL_AGENT_PROGRAM, "validate", Directory()});
  EXPECT_EQ(checked.code, 0) << checked.errors;
  EXPECT_EQ(checked.output,
            "Configuration is valid: 4 services, 11 checks of their own, 0 watches\n");
  EXPECT_EQ(checked.errors, "");
}

TEST_F(DefinitionsTest, AgentLoadsAndRegistersThem) {
  StartAgent();
  EXPECT_THAT(KeysOf(Get("/v1/agent/services").json()),
              ElementsAre("cache-a", "cache-b", "orders", "search-1"));
  const Json checks = Get("/v1/agent/checks").json();
  EXPECT_THAT(KeysOf(checks),
              ElementsAre("chk-heartbeat", "chk-proxy", "chk-queue", "chk-syslog", "chk-web",
                          "nightly", "orders-alias", "orders-grpc", "search-alive",
                          "service:cache-a", "service:cache-b:1", "service:cache-b:2",
                          "service:orders", "sftp", "status-page", "swap"));
  EXPECT_EQ(checks["nightly"]["Status"], "passing");
  EXPECT_EQ(checks["search-alive"]["Status"], "warning");
  EXPECT_EQ(checks["orders-alias"]["Type"], "alias");
  EXPECT_EQ(checks["orders-grpc"]["ServiceID"], "orders");

  const auto node = [&] { return server_.Get("/v1/catalog/node/a1").json(); };
  ASSERT_TRUE(Eventually([&] { return node().is_object() && node()["Services"].size() == 4; }));
  const Json services = node()["Services"];
  EXPECT_EQ(services["orders"]["Meta"], Json({{"team", "checkout"}, {"commit", "f3a9c1"}}));
  EXPECT_EQ(services["orders"]["Weights"], Json({{"Passing", 5}, {"Warning", 1}}));
  EXPECT_EQ(services["orders"]["TaggedAddresses"]["wan"],
            Json({{"Address", "198.51.100.21"}, {"Port", 443}}));
  EXPECT_EQ(services["search-1"]["EnableTagOverride"], true);
  EXPECT_EQ(services["search-1"]["TaggedAddresses"]["lan_ipv6"]["Address"], "2001:db8::23");
  EXPECT_EQ(services["cache-b"]["Tags"], Json({"replica", "no-writes"}));
  EXPECT_TRUE(Eventually(
      [&] { return server_.Get("/v1/health/node/a1").json().size() == checks.size() + 1; }));
  EXPECT_TRUE(ScriptRuns());
}

TEST_F(DefinitionsTest, ABrokenOneAmongThemIsNamedAndAllGoesOn) {
  StartAgent();
  ASSERT_TRUE(ScriptRuns());
  ASSERT_TRUE(Http(agent_->http_port()).Put("/v1/agent/check/pass/search-alive?note=fine").ok());
  const std::string services = Get("/v1/agent/services").body;
  const std::vector<std::string> checks = KeysOf(Get("/v1/agent/checks").json());
  for (const Breakage& each : Breakages(tenth_)) {
    WriteTenth(each.text);
    const Reply refused = Reload();
    EXPECT_EQ(refused.status, 400) << each.message;
    EXPECT_THAT(refused.body, StartsWith(Tenth() + each.message));
    EXPECT_THAT(refused.body, Not(HasSubstr("\n")));
    EXPECT_THAT(Log(), HasSubstr("reload refused, nothing has changed: " + refused.body));
    EXPECT_EQ(Get("/v1/agent/services").body, services);
    EXPECT_EQ(KeysOf(Get("/v1/agent/checks").json()), checks);
  }
  // By a signal it is the same.
  const std::string before = Log();
  agent_->process().Signal(SIGHUP);
  EXPECT_TRUE(Eventually([&] {
    return Log().find(Tenth() + ":1: syntax error", before.size()) != std::string::npos;
  })) << Log();
  EXPECT_EQ(Get("/v1/agent/services").body, services);
  const Json alive = Get("/v1/agent/checks").json()["search-alive"];
  EXPECT_EQ(alive["Status"], "passing");
  EXPECT_EQ(alive["Output"], "fine");
  EXPECT_TRUE(ScriptRuns());
  EXPECT_TRUE(server_.Get("/v1/catalog/service/search").json().is_array());

  WriteTenth(With(tenth_, "\"blue\"", "\"green\""));
  EXPECT_EQ(Reload().status, 200);
  EXPECT_EQ(Get("/v1/agent/services").json()["search-1"]["Tags"], Json({"green"}));
  EXPECT_EQ(Get("/v1/agent/checks").json()["search-alive"]["Status"], "passing");
}

TEST_F(DefinitionsTest, ABrokenOneIsRefusedAtAStartInTheSameWords) {
  const Port http;
  for (const Breakage& each : Breakages(tenth_)) {
    WriteTenth(each.text);
    const std::vector<std::string> start = {
        ROLLCALL_AGENT_PROGRAM, "--config", Directory(), "--address", "127.0.0.1", "--http",
        http.address(),         "--dns",    "off"};
    std::vector<std::vector<std::string>> refusing = {
        {ROLLCALL_AGENT_PROGRAM, "validate", Directory()}};
    // A service that is not there may be one that a program had registered: an agent starts without
    // the check.
    if (each.message.find("ServiceID") == std::string::npos) refusing.push_back(start);
    for (const auto& argv : refusing) {
      const Finished refused = Run(argv);
      EXPECT_EQ(refused.code, 1);
      EXPECT_THAT(refused.errors, StartsWith("rollcall-agent: " + Tenth() + each.message));
      EXPECT_EQ(refused.output, "");
    }
  }
}

}  // namespace
}  // namespace rollcall::e2e
