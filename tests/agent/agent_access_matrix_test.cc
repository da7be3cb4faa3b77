// Every route of the agent's own API, asked by bearers of all kinds of tokens: what each gets
// follows from what the row says that it needs. A route that has no sample request here fails the
// test. As tests/api/access_matrix_test.cc for the registry.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "agent/agent_routes.h"
#include "agent/front/upstream.h"
#include "api/http/server.h"
#include "tests/agent/fake_registry.h"

namespace rollcall::agent {
namespace {

using api::Needs;
using nlohmann::json;

// A request that is about node n1 or its service web, and good but for who asks.
struct Sample {
  std::string target;
  std::string body = {};
};

const std::map<std::string, Sample>& Samples() {
  static const std::map<std::string, Sample> kSamples = {
      {"GET /v1/agent/self", {"/v1/agent/self"}},
      {"GET /v1/agent/services", {"/v1/agent/services"}},
      {"GET /v1/agent/checks", {"/v1/agent/checks"}},
      {"GET /v1/agent/service/*id", {"/v1/agent/service/web-1"}},
      {"PUT /v1/agent/service/register",
       {"/v1/agent/service/register", R"({"Name": "web", "ID": "web-1", "Port": 82})"}},
      {"PUT /v1/agent/service/deregister/*id", {"/v1/agent/service/deregister/web-1"}},
      {"PUT /v1/agent/service/maintenance/*id",
       {"/v1/agent/service/maintenance/web-1?enable=true"}},
      {"PUT /v1/agent/maintenance", {"/v1/agent/maintenance?enable=true"}},
      {"GET /v1/agent/health/service/id/*id", {"/v1/agent/health/service/id/web-1"}},
      {"GET /v1/agent/health/service/name/*name", {"/v1/agent/health/service/name/web"}},
      {"PUT /v1/agent/check/register",
       {"/v1/agent/check/register",
        R"({"ID": "more", "Name": "more", "TTL": "1h", "ServiceID": "web-1"})"}},
      {"PUT /v1/agent/check/deregister/*id", {"/v1/agent/check/deregister/web-ttl"}},
      {"PUT /v1/agent/check/pass/*id", {"/v1/agent/check/pass/web-ttl"}},
      {"PUT /v1/agent/check/warn/*id", {"/v1/agent/check/warn/web-ttl"}},
      {"PUT /v1/agent/check/fail/*id", {"/v1/agent/check/fail/node-ttl"}},
      {"PUT /v1/agent/check/update/*id",
       {"/v1/agent/check/update/web-ttl", R"({"Status": "warning"})"}},
      {"GET /v1/agent/members", {"/v1/agent/members"}},
      {"PUT /v1/agent/force-leave/*node", {"/v1/agent/force-leave/gone"}},
      {"PUT /v1/agent/join/*address", {"/v1/agent/join/127.0.0.1"}},
      {"GET /v1/agent/version", {"/v1/agent/version"}},
      {"GET /v1/agent/host", {"/v1/agent/host"}},
      {"GET /v1/agent/metrics", {"/v1/agent/metrics"}},
      {"GET /v1/agent/monitor", {"/v1/agent/monitor"}},
      {"PUT /v1/agent/token/*name", {"/v1/agent/token/agent", R"({"Token": "x"})"}},
      {"PUT /v1/agent/reload", {"/v1/agent/reload"}},
      {"PUT /v1/agent/leave", {"/v1/agent/leave"}},
  };
  return kSamples;
}

std::string KeyOf(const http::Route& route) {
  return std::string(http::MethodName(route.method)) + " " + route.pattern;
}

constexpr const char* kAllRules = R"(
  service_prefix "" { policy = "write" }  node_prefix "" { policy = "write" }
  agent_prefix "" { policy = "write" }  operator = "write")";
constexpr const char* kReadRules = R"(
  service "web" { policy = "read" }  node "n1" { policy = "read" }  agent "n1" { policy = "read" }
  operator = "read")";
constexpr const char* kWriteRules = R"(
  service "web" { policy = "write" }  node "n1" { policy = "write" }
  agent "n1" { policy = "write" }  operator = "write")";
// All but what the samples are about.
constexpr const char* kDenyRules = R"(
  service "web" { policy = "deny" }  service_prefix "" { policy = "write" }
  node "n1" { policy = "deny" }  node_prefix "" { policy = "write" }
  agent "n1" { policy = "deny" }  agent_prefix "" { policy = "write" }
  operator = "deny"  acl = "write")";
constexpr const char* kOtherRules = R"(
  service "other" { policy = "write" }  node "n2" { policy = "write" }
  agent "n2" { policy = "write" })";

FakeRegistry& Registry() {
  static FakeRegistry registry;
  static const bool is_filled = [] {
    registry.PutToken("anonymous", "");
    registry.PutToken("management", kAllRules);
    registry.PutToken("read", kReadRules);
    registry.PutToken("write", kWriteRules);
    registry.PutToken("deny", kDenyRules);
    registry.PutToken("other", kOtherRules);
    registry.PutToken("expired", kWriteRules, "2020-01-01T00:00:00Z");
    return true;
  }();
  EXPECT_TRUE(is_filled);
  return registry;
}

struct Answer {
  int status = 0;
  std::string body;
  std::string narrowed;
};

// The agent's API for one request.
class World {
 public:
  World() {
    const auto service = model::ParseAgentService(json::parse(
        R"({"Name": "web", "ID": "web-1", "Port": 80,
            "Check": {"CheckID": "web-ttl", "TTL": "1h", "Status": "passing"}})"));
    EXPECT_TRUE(state_.EnsureService(*service, Origin::kApi, UnnamedChecks::kKeep));
    const auto check = model::ParseAgentCheck(
        json::parse(R"({"ID": "node-ttl", "Name": "node-ttl", "TTL": "1h"})"));
    EXPECT_TRUE(state_.EnsureCheck(*check, Origin::kApi));
    server_ = http::Server::Listen(loop_, {.address = "127.0.0.1", .port = 0}, router_).value();
    server_->Start();
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~World() {
    loop_.stop();
    thread_.join();
  }

  std::vector<AgentRoute> Table() { return AgentRouteTable(context_); }

  // Streams are left once their status is known.
  Answer Ask(const http::Route& route, const std::string& secret) const {
    const Sample& sample = Samples().at(KeyOf(route));
    httplib::Headers headers;
    if (!secret.empty()) headers.emplace("X-Consul-Token", secret);
    httplib::Client client("127.0.0.1", server_->port());
    if (route.method == http::Method::kPut) {
      return From(client.Put(sample.target, headers, sample.body, "application/json"));
    }
    if (!sample.target.ends_with("/monitor")) return From(client.Get(sample.target, headers));
    Answer answer;
    client.Get(
        sample.target, headers,
        [&answer](const httplib::Response& response) {
          answer.status = response.status;
          return response.status != 200;
        },
        [&answer](const char* bytes, size_t size) {
          answer.body.append(bytes, size);
          return true;
        });
    return answer;
  }

 private:
  static Answer From(const httplib::Result& result) {
    if (!result) return {};
    return {result->status, result->body,
            result->get_header_value("X-Consul-Results-Filtered-By-ACLs")};
  }
  static model::Node OwnNode() {
    model::Node node;
    node.name = "n1";
    node.address = "10.0.0.1";
    return node;
  }
  static AgentActions Actions() {
    AgentActions actions;
    actions.reload = [] { return Result<void>(); };
    actions.leave = [] {};
    actions.when_kept = [](const auto& done) { done(Result<void>()); };
    actions.use_tokens = [](const Tokens&) {};
    actions.keep_tokens = [] {};
    actions.metrics = [] { return std::vector<prometheus::MetricFamily>(); };
    actions.pass_on = [](const std::shared_ptr<http::Exchange>& exchange) {
      exchange->Respond(http::TextResponse(200, "passed on"));
    };
    return actions;
  }

  boost::asio::io_context loop_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
      loop_.get_executor()};
  const SteadyClock clock_;
  LocalState state_{OwnNode(), std::chrono::seconds(15), clock_, {}};
  front::Upstream upstream_{loop_, {.servers = {Registry().Url()}}};
  access::TokenResolver resolver_{clock_, upstream_, {}};
  access::Guard guard_{{.enabled = true, .node = "n1"}, resolver_};
  ParkedReads parked_;
  api::LogMonitor log_;
  const AgentInfo info_;
  AgentTokens tokens_;
  RouteContext context_{.state = state_,
                        .info = info_,
                        .tokens = tokens_,
                        .parked = parked_,
                        .guard = guard_,
                        .log = log_,
                        .rules = {},
                        .actions = Actions()};
  const http::Router router_{AgentRoutes(context_)};
  std::unique_ptr<http::Server> server_;
  std::thread thread_;
};

enum class Expected { kAnswered, kNarrowed, kDenied, kUnknown };

Expected ExpectedFor(const Needs& needs, const std::string& secret) {
  if (needs.how == Needs::How::kPassedOn) return Expected::kAnswered;
  if (secret == "no-such" || secret == "expired") return Expected::kUnknown;
  const bool may = secret == "write" || (secret == "read" && needs.right == acl::Right::kRead);
  if (may) return Expected::kAnswered;
  return needs.how == Needs::How::kFiltered ? Expected::kNarrowed : Expected::kDenied;
}

class AgentAccessMatrixTest : public testing::TestWithParam<std::string> {};

TEST_P(AgentAccessMatrixTest, WhatIsAnsweredFollowsFromWhatTheRouteNeeds) {
  const std::string secret = GetParam();
  size_t routes = 0;
  for (const AgentRoute& row : World().Table()) {
    const testing::ScopedTrace trace(__FILE__, __LINE__, KeyOf(row.route));
    ASSERT_TRUE(Samples().contains(KeyOf(row.route))) << "no sample request of this route";
    ++routes;
    ASSERT_NE(row.needs.how, Needs::How::kNothing);
    const Answer whole = World().Ask(row.route, "management");
    const Answer answer = World().Ask(row.route, secret);
    switch (ExpectedFor(row.needs, secret)) {
      case Expected::kAnswered:
        EXPECT_NE(whole.status, 403) << whole.body;
        EXPECT_NE(whole.status, 0);
        EXPECT_EQ(answer.status, whole.status) << answer.body;
        EXPECT_EQ(answer.narrowed, "");
        break;
      case Expected::kNarrowed:
        EXPECT_EQ(answer.status, 200) << answer.body;
        EXPECT_EQ(answer.narrowed, "true");
        EXPECT_EQ(answer.body, "{}");
        break;
      case Expected::kDenied:
        EXPECT_EQ(answer.status, 403);
        EXPECT_EQ(answer.body, "Permission denied");
        break;
      case Expected::kUnknown:
        EXPECT_EQ(answer.status, 403);
        EXPECT_EQ(answer.body, "ACL not found");
        break;
    }
  }
  EXPECT_EQ(routes, Samples().size());
}

INSTANTIATE_TEST_SUITE_P(Tokens, AgentAccessMatrixTest,
                         testing::Values("", "no-such", "read", "write", "deny", "expired",
                                         "other"),
                         [](const auto& info) {
                           std::string name = info.param.empty() ? "none" : info.param;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace rollcall::agent
