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
#include "tests/support/access_matrix.h"

namespace rollcall::agent {
namespace {

using access_matrix::Expected;
using access_matrix::KeyOf;
using access_matrix::Seen;
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

constexpr const char* kAllRules = R"(
  service_prefix "" { policy = "write" }  node_prefix "" { policy = "write" }
  agent_prefix "" { policy = "write" }  operator = "write")";

FakeRegistry& Registry() {
  static FakeRegistry registry;
  static const bool is_filled = [] {
    registry.PutToken("anonymous", "");
    registry.PutToken("management", kAllRules);
    registry.PutToken("read", access_matrix::kReadRules);
    registry.PutToken("write", access_matrix::kWriteRules);
    registry.PutToken("deny", access_matrix::kDenyRules);
    registry.PutToken("other", access_matrix::kOtherRules);
    registry.PutToken("expired", access_matrix::kWriteRules, "2020-01-01T00:00:00Z");
    return true;
  }();
  EXPECT_TRUE(is_filled);
  return registry;
}

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
  Seen Ask(const http::Route& route, const std::string& secret) const {
    const Sample& sample = Samples().at(KeyOf(route));
    httplib::Headers headers;
    if (!secret.empty()) headers.emplace("X-Consul-Token", secret);
    httplib::Client client("127.0.0.1", server_->port());
    if (route.method == http::Method::kPut) {
      return From(client.Put(sample.target, headers, sample.body, "application/json"));
    }
    if (!sample.target.ends_with("/monitor")) return From(client.Get(sample.target, headers));
    Seen answer;
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
  static Seen From(const httplib::Result& result) {
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

class AgentAccessMatrixTest : public testing::TestWithParam<std::string> {};

TEST_P(AgentAccessMatrixTest, WhatIsAnsweredFollowsFromWhatTheRouteNeeds) {
  const std::string secret = GetParam();
  access_matrix::ForEachRow(
      World().Table(), Samples(), [&](const AgentRoute& row, const Sample& /*sample*/) {
        ASSERT_NE(row.needs.how, api::Needs::How::kNothing);
        const Seen answer = World().Ask(row.route, secret);
        const Expected expected = access_matrix::ExpectedFor(row.needs, secret);
        access_matrix::ExpectSeen(expected, answer,
                                  [&row] { return World().Ask(row.route, "management"); });
        if (expected == Expected::kNarrowed) EXPECT_EQ(answer.body, "{}");
      });
}

INSTANTIATE_TEST_SUITE_P(Tokens, AgentAccessMatrixTest, access_matrix::Tokens(),
                         access_matrix::NameOfToken);

}  // namespace
}  // namespace rollcall::agent
