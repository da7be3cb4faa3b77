#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "tests/agent/agent_fixture.h"
#include "tests/agent/scratch_directory.h"

namespace rollcall::agent {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST_F(AgentTest, RegistersWhatIsInFiles) {
  EXPECT_TRUE(Eventually([&] { return registry_.Instances("n1").size() == 1; }));
  EXPECT_EQ(registry_.StatusOf("n1", "serfHealth"), "passing");
}

TEST_F(AgentTest, ServiceRegisteredOverHttpReachesTheRegistry) {
  EXPECT_EQ(Put("/v1/agent/service/register",
                R"({"ID": "web/1", "Name": "web", "Port": 80, "Check": {"TTL": "10s"}})"),
            "200 ");
  ASSERT_TRUE(Eventually([&] { return registry_.Instances("n1").size() == 2; }));
  EXPECT_EQ(registry_.StatusOf("n1", "service:web/1"), "critical");
  EXPECT_EQ(Put("/v1/agent/check/pass/service:web/1?note=fine"), "200 ");
  ASSERT_TRUE(Eventually([&] { return registry_.StatusOf("n1", "service:web/1") == "passing"; }));
  EXPECT_EQ(registry_.CheckOf("n1", "service:web/1").output, "fine");
  EXPECT_EQ(Put("/v1/agent/service/deregister/web%2F1"), "200 ");
  EXPECT_TRUE(Eventually([&] { return registry_.Instances("n1").size() == 1; }));
}

TEST_F(AgentTest, AllButItsOwnApiIsPassedOnToTheRegistry) {
  ASSERT_TRUE(Eventually([&] { return registry_.HasNode("n1"); }));
  EXPECT_EQ(Get("/v1/catalog/node/n1")["Node"]["Address"], "10.0.0.1");
  EXPECT_EQ(Put("/v1/catalog/register", R"({"Node": "other", "Address": "10.0.0.2"})"), "200 true");
  EXPECT_TRUE(registry_.HasNode("other"));
  const auto head = client_->Head("/v1/catalog/node/other");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 200);
  EXPECT_NE(head->get_header_value("Content-Length"), "0");
  EXPECT_EQ(Get("/v1/agent/self")["Config"]["NodeName"], "n1");
  EXPECT_EQ(Put("/v1/agent/nonsense/10.0.0.3"), "404 ");
}

TEST_F(AgentTest, ItsOwnApiGoesOnWithoutARegistry) {
  registry_.Stop();
  EXPECT_EQ(Get("/v1/agent/self")["Config"]["NodeName"], "n1");
  EXPECT_EQ(Put("/v1/catalog/register", "{}"),
            "503 no registry server can be reached: " + registry_.Url() + ": Connection refused");
}

TEST_F(AgentTest, TtlRunsOutAndIsToldTheRegistry) {
  Put("/v1/agent/check/register", R"({"Name": "mem", "TTL": "300ms", "Status": "passing"})");
  EXPECT_TRUE(Eventually([&] { return registry_.StatusOf("n1", "mem") == "passing"; }));
  EXPECT_TRUE(Eventually([&] { return registry_.StatusOf("n1", "mem") == "critical"; }));
  EXPECT_EQ(registry_.CheckOf("n1", "mem").output, "TTL expired");
}

TEST_F(AgentTest, ProbesAndDeregistersWhatIsCriticalForTooLong) {
  // The registry's own port answers; the other one is closed.
  const std::string open = registry_.Url().substr(7);
  std::string closed;
  {
    boost::asio::ip::tcp::acceptor acceptor(loop_, {boost::asio::ip::make_address("127.0.0.1"), 0});
    closed = "127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
  }
  Put("/v1/agent/service/register",
      json({{"Name", "up"}, {"Check", {{"TCP", open}, {"Interval", "1s"}}}}).dump());
  Put("/v1/agent/service/register", json({{"Name", "down"},
                                          {"Check",
                                           {{"TCP", closed},
                                            {"Interval", "1s"},
                                            {"Status", "passing"},
                                            {"DeregisterCriticalServiceAfter", "1s"}}}})
                                        .dump());
  ASSERT_TRUE(Eventually([&] { return registry_.Instances("n1").size() == 3; }));
  EXPECT_TRUE(Eventually([&] { return registry_.StatusOf("n1", "service:up") == "passing"; }));
  EXPECT_TRUE(Eventually([&] { return registry_.Instances("n1").size() == 2; }));
  EXPECT_THAT(registry_.Instances("n1"), ElementsAre("from-file", "up"));
}

TEST_F(AgentTest, ShowsItselfItsServicesAndItsChecks) {
  Put("/v1/agent/service/register", R"({"Name": "web", "Port": 80, "Check": {"TTL": "10s"}})");
  const json services = Get("/v1/agent/services");
  EXPECT_EQ(services["web"], json::parse(R"({"ID": "web", "Service": "web", "Tags": [],
      "Meta": {}, "Port": 80, "Address": "", "Weights": {"Passing": 1, "Warning": 1},
      "EnableTagOverride": false})"));
  EXPECT_TRUE(services.contains("from-file"));
  const json checks = Get("/v1/agent/checks");
  ASSERT_EQ(checks.size(), 1u);
  EXPECT_EQ(checks["service:web"]["Node"], "n1");
  EXPECT_EQ(checks["service:web"]["ServiceName"], "web");
  EXPECT_EQ(checks["service:web"]["Definition"], json::object());
  ASSERT_TRUE(Eventually([&] { return Get("/v1/agent/self")["Config"]["Datacenter"] == "dc1"; }));
  const json self = Get("/v1/agent/self");
  EXPECT_EQ(self["Config"]["NodeName"], "n1");
  EXPECT_EQ(self["Config"]["Version"], "1.2.3");
}

TEST_F(AgentTest, SaysWhatIsWrongWithARequest) {
  const struct {
    const char* path;
    const char* body;
    const char* answer;
  } table[] = {
      {"/v1/agent/service/register", "{}", "400 Missing service name"},
      {"/v1/agent/service/register", "{", "400 Request decode failed: "},
      {"/v1/agent/service/register", R"({"Name": "a", "Nonsense": 1})",
       "400 Request decode failed"},
      {"/v1/agent/check/register", "{}", "400 Missing check name"},
      {"/v1/agent/check/register", "", "400 Request decode failed: "},
      {"/v1/agent/check/register", R"({"Name": "x", "TTL": "1s", "ServiceID": "ghost"})",
       "404 ServiceID \"ghost\" does not exist"},
      {"/v1/agent/check/pass/nosuch", "", "404 CheckID \"nosuch\" does not have associated TTL"},
      {"/v1/agent/check/pass/two%0Alines", "",
       "404 CheckID \"two\\nlines\" does not have associated TTL"},
      {"/v1/agent/check/warn/nosuch", "", "404 CheckID \"nosuch\" does not have associated TTL"},
      {"/v1/agent/check/update/x", R"({"Status": "sideways"})",
       "400 Invalid check status: 'sideways'"},
      {"/v1/agent/check/deregister/nosuch", "", "200 "},
      {"/v1/agent/service/deregister/nosuch", "", "200 "},
  };
  for (const auto& row : table) {
    EXPECT_THAT(Put(row.path, row.body), StartsWith(row.answer)) << row.path;
  }
}

TEST_F(AgentTest, UpdatesATtlCheckInEveryWay) {
  Put("/v1/agent/check/register", R"({"Name": "mem", "TTL": "10s"})");
  const auto state = [&] {
    const json check = Get("/v1/agent/checks")["mem"];
    return check["Status"].get<std::string>() + " " + check["Output"].get<std::string>();
  };
  EXPECT_EQ(state(), "critical ");
  Put("/v1/agent/check/warn/mem?note=hmm");
  EXPECT_EQ(state(), "warning hmm");
  Put("/v1/agent/check/fail/mem?note=dead");
  EXPECT_EQ(state(), "critical dead");
  Put("/v1/agent/check/pass/mem");
  EXPECT_EQ(state(), "passing ");
  Put("/v1/agent/check/update/mem", R"({"Status": "warning", "Output": "o"})");
  EXPECT_EQ(state(), "warning o");
}

TEST_F(AgentTest, ReplacesChecksOnRequest) {
  Put("/v1/agent/service/register", R"({"Name": "web", "Checks": [{"TTL": "9s"}, {"TTL": "8s"}]})");
  Put("/v1/agent/service/register?replace-existing-checks", R"({"Name": "web"})");
  EXPECT_EQ(Get("/v1/agent/checks"), json::object());
}

TEST_F(AgentTest, ReloadAppliesTheDifferences) {
  ASSERT_TRUE(Eventually([&] { return registry_.Instances("n1").size() == 1; }));
  SayInFiles(R"({"name": "new"})");
  EXPECT_EQ(Put("/v1/agent/reload"), "200 ");
  EXPECT_TRUE(
      Eventually([&] { return registry_.Instances("n1") == std::vector<std::string>{"new"}; }));
}

TEST_F(AgentTest, ARefusedReloadSaysWhyAndChangesNothing) {
  OnLoop([&] { files_ = InvalidArgument("web.json:3: services[0]: Missing service name"); });
  EXPECT_EQ(Put("/v1/agent/reload"), "400 web.json:3: services[0]: Missing service name");
  EXPECT_EQ(Get("/v1/agent/services").size(), 1u);
  SayInFiles(R"({"name": "new"})", R"({"name": "c", "ttl": "9s", "service_id": "nobody"})");
  EXPECT_THAT(Put("/v1/agent/reload"), HasSubstr("ServiceID \"nobody\" does not exist"));
  EXPECT_TRUE(Get("/v1/agent/services").contains("from-file"));
}

TEST_F(AgentTest, StopDeregistersTheNode) {
  ASSERT_TRUE(Eventually([&] { return registry_.HasNode("n1"); }));
  StopLoop();
  agent_->Stop(RegistrySync::Departure::kDeregister);
  EXPECT_FALSE(registry_.HasNode("n1"));
}

TEST_F(AgentTest, TakenPortIsNamed) {
  Options options;
  options.node.name = "n2";
  options.servers = {registry_.Url()};
  options.http = ListenAddress{"127.0.0.1", agent_->http_port()};
  boost::asio::io_context loop;
  const auto second = Agent::Start(loop, options, {}, {.log = &log_});
  ASSERT_FALSE(second.has_value());
  EXPECT_THAT(second.error().message,
              HasSubstr("127.0.0.1:" + std::to_string(agent_->http_port())));
}

class ControlledAgentTest : public AgentTest {
 protected:
  void Adjust(Options& options) override { options.security.acl_enabled = true; }
};

TEST_F(ControlledAgentTest, TokenOfARegistrationIsThatOfItsSync) {
  const struct {
    const char* name;
    const char* path;
    const char* body;
    httplib::Headers headers;
    const char* sent;
  } cases[] = {
      {"a", "/v1/agent/service/register", R"({"Name": "a", "Token": "of-body"})", {}, "of-body"},
      {"b", "/v1/agent/service/register?token=of-query", R"({"Name": "b"})", {}, "of-query"},
      {"c",
       "/v1/agent/service/register",
       R"({"Name": "c"})",
       {{"X-Consul-Token", "of-header"}},
       "of-header"},
      {"d",
       "/v1/agent/service/register",
       R"({"Name": "d"})",
       {{"Authorization", "Bearer bearer"}},
       "bearer"},
      {"e", "/v1/agent/service/register", R"({"Name": "e"})", {}, "users"},
  };
  ASSERT_EQ(Put("/v1/agent/token/default", R"({"Token": "users"})"), "200 ");
  for (const auto& each : cases) {
    const auto answer = client_->Put(each.path, each.headers, each.body, "application/json");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200) << answer->body;
    ASSERT_TRUE(Eventually([&] {
      const auto all = registry_.Instances("n1");
      return std::find(all.begin(), all.end(), each.name) != all.end();
    }));
    EXPECT_THAT(registry_.TokensSent(), testing::Contains(testing::EndsWith(each.sent)));
    EXPECT_THAT(client_->Get("/v1/agent/services")->body, testing::Not(HasSubstr(each.sent)));
  }
  EXPECT_EQ(
      client_->Put("/v1/agent/service/register", R"({"Name": "f", "Token": "a b"})", "")->status,
      400);
}

TEST_F(ControlledAgentTest, TokensAreGivenOverHttp) {
  for (const char* name : {"agent", "acl_agent_token"}) {
    const std::string secret = std::string("secret-of-") + name;
    EXPECT_EQ(Put(std::string("/v1/agent/token/") + name, R"({"Token": ")" + secret + R"("})"),
              "200 ");
    EXPECT_TRUE(Eventually([&] {
      const auto sent = registry_.TokensSent();
      return std::find(sent.begin(), sent.end(), "GET /v1/catalog/node/n1 " + secret) != sent.end();
    }));
  }
  EXPECT_EQ(Put("/v1/agent/token/replication", R"({"Token": "r"})"), "200 ");
  EXPECT_EQ(Put("/v1/agent/token/dns", R"({"Token": ""})"), "200 ");
  EXPECT_EQ(Put("/v1/agent/token/master", R"({"Token": "x"})"), "404 Token \"master\" is unknown");
  EXPECT_THAT(Put("/v1/agent/token/agent", "{"), testing::StartsWith("400 "));
  EXPECT_THAT(Put("/v1/agent/token/agent", R"({"Token": 7})"), testing::StartsWith("400 "));
  EXPECT_THAT(Put("/v1/agent/token/agent", R"({"Token": "a\r\nb"})"), testing::StartsWith("400 "));
}

TEST_F(AgentTest, TakesNoTokensWhereAccessIsNotControlled) {
  for (const char* name : {"default", "agent", "acl_token", "nonsense"}) {
    EXPECT_EQ(Put(std::string("/v1/agent/token/") + name, R"({"Token": "secret"})"),
              "401 ACL support disabled");
  }
  EXPECT_EQ(Put("/v1/agent/service/register", R"({"Name": "web"})"), "200 ");
  ASSERT_TRUE(Eventually([&] { return registry_.Instances("n1").size() == 2; }));
  EXPECT_THAT(registry_.TokensSent(), testing::Not(testing::Contains(HasSubstr("secret"))));
}

// An agent with a data directory, which is started again.
class AgentTokensKeptTest : public ::testing::Test {
 protected:
  // Starts one, has it do `work` by its HTTP API, and ends it without a word to the registry.
  void RunAgent(const std::function<void(httplib::Client&)>& work) {
    boost::asio::io_context loop;
    Options options;
    options.node.name = "n1";
    options.node.address = "10.0.0.1";
    options.servers = {registry_.Url()};
    options.http = ListenAddress{"127.0.0.1", 0};
    options.data_dir = directory_.path();
    options.security = security_;
    api::LogMonitor log;
    auto agent = Agent::Start(loop, options, {}, {.log = &log});
    ASSERT_TRUE(agent) << agent.error().message;
    const auto busy = boost::asio::make_work_guard(loop);
    std::thread thread([&loop] { loop.run(); });
    httplib::Client client("127.0.0.1", (*agent)->http_port());
    work(client);
    loop.stop();
    thread.join();
    (*agent)->Stop(RegistrySync::Departure::kStay);
  }
  bool ComesWith(const std::string& token) {
    return Eventually([&] {
      const auto sent = registry_.TokensSent();
      return std::any_of(sent.begin(), sent.end(),
                         [&](const std::string& each) { return each.ends_with(" " + token); });
    });
  }
  static void GiveTokens(httplib::Client& client) {
    for (const char* name : {"default", "agent"}) {
      const std::string body = std::string(R"({"Token": "http-)") + name + R"("})";
      const auto answer =
          client.Put(std::string("/v1/agent/token/") + name, body, "application/json");
      ASSERT_TRUE(answer && answer->status == 200);
    }
    const auto answer = client.Put("/v1/agent/service/register",
                                   R"({"Name": "web", "Token": "of-web"})", "application/json");
    ASSERT_TRUE(answer && answer->status == 200);
  }

  FakeRegistry registry_;
  ScratchDirectory directory_;
  SecurityOptions security_{.acl_enabled = true,
                            .tokens = {.agent = "file-agent", .user = "file-default"}};
};

TEST_F(AgentTokensKeptTest, OverARestartWhereThatIsWanted) {
  security_.keeps_tokens = true;
  RunAgent(GiveTokens);
  struct stat status = {};
  ASSERT_EQ(stat(directory_.File("tokens.json").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  registry_.LoseEverything();
  RunAgent([&](httplib::Client& client) {
    EXPECT_TRUE(ComesWith("http-agent"));
    EXPECT_TRUE(ComesWith("of-web"));
    client.Put("/v1/agent/service/register", R"({"Name": "db"})", "application/json");
    EXPECT_TRUE(ComesWith("http-default"));
  });
}

TEST_F(AgentTokensKeptTest, OnlyThoseOfRegistrationsWhereItIsNot) {
  RunAgent(GiveTokens);
  EXPECT_THAT(directory_.Read("tokens.json"), testing::Not(HasSubstr("http-")));
  registry_.LoseEverything();
  const size_t before = registry_.TokensSent().size();
  RunAgent([&](httplib::Client&) {
    EXPECT_TRUE(ComesWith("of-web"));
    EXPECT_TRUE(ComesWith("file-agent"));
  });
  const auto sent = registry_.TokensSent();
  for (size_t i = before; i < sent.size(); ++i) {
    EXPECT_THAT(sent[i], testing::Not(HasSubstr("http-")));
  }
}

TEST_F(AgentTokensKeptTest, ThatOfAFileStaysTheFilesWhenARegistrationIsRefused) {
  security_.definition_tokens = {{{"web", "file-web"}}, {{"disk", "file-disk"}}};
  RunAgent([&](httplib::Client& client) {
    const auto service = client.Put(
        "/v1/agent/service/register",
        R"({"Name": "web", "Token": "bad", "Check": {"CheckID": "serfHealth", "TTL": "1s"}})",
        "application/json");
    EXPECT_EQ(service->status, 400) << service->body;
    const auto check =
        client.Put("/v1/agent/check/register",
                   R"({"Name": "disk", "Token": "bad", "TTL": "1s", "ServiceID": "none"})",
                   "application/json");
    EXPECT_EQ(check->status, 404) << check->body;
    // Waits until all of this is kept.
    const auto good = client.Put("/v1/agent/service/register",
                                 R"({"Name": "db", "Token": "of-db"})", "application/json");
    EXPECT_EQ(good->status, 200);
  });
  EXPECT_EQ(json::parse(directory_.Read("tokens.json")),
            (json{{"services", {{"db", "of-db"}}}, {"checks", json::object()}}));
}

TEST_F(AgentTokensKeptTest, ThatOfAFileIsAProgramsOnceItRegistersWithIt) {
  security_.definition_tokens.services = {{"web", "file-web"}};
  RunAgent([&](httplib::Client& client) {
    const auto answer = client.Put("/v1/agent/service/register",
                                   R"({"Name": "web", "Token": "file-web"})", "application/json");
    EXPECT_EQ(answer->status, 200);
  });
  EXPECT_EQ(json::parse(directory_.Read("tokens.json"))["services"], (json{{"web", "file-web"}}));
}

}  // namespace
}  // namespace rollcall::agent
