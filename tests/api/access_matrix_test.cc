// Every route of the table, asked by bearers of all kinds of tokens: what each gets follows from
// what the row says that it needs. A route that has no sample request here fails the test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "registry/access/group_secret.h"
#include "registry/acl/methods/stored.h"
#include "tests/api/access_fixture.h"
#include "tests/support/access_matrix.h"

namespace rollcall::api {
namespace {

using access_matrix::Expected;
using access_matrix::KeyOf;
using nlohmann::json;

// A request that is about node n1, service web or event deploy, and good but for who asks.
struct Sample {
  std::string target;
  json body;
  bool shows_nothing = false;  // there is nothing that could be kept from anybody
};

constexpr const char* kSampleRole = "cccccccc-0000-4000-8000-000000000007";
constexpr const char* kSampleRule = "cccccccc-0000-4000-8000-000000000008";
// Its keys are nowhere.
constexpr const char* kSampleConfig = R"({"JWKSFile":"/nonexistent"})";

const std::map<std::string, Sample>& Samples() {
  static const json kWebOnN1 = {{"Node", "n1"},
                                {"Address", "127.0.0.1"},
                                {"Service", {{"ID", "web-1"}, {"Service", "web"}, {"Port", 81}}}};
  static const json kCheck = {
      {"ID", "more"}, {"Name", "more"}, {"TTL", "1h"}, {"ServiceID", "web-1"}};
  static const json kCoordinate = {{"Node", "n1"},
                                   {"Coord",
                                    {{"Vec", json::array({0, 0, 0, 0, 0, 0, 0, 0})},
                                     {"Error", 1},
                                     {"Adjustment", 0},
                                     {"Height", 1e-5}}}};
  static const std::string kToken = "/v1/acl/token/" + AccessApiTest::AccessorOf("other");
  static const std::string kPolicy = "/v1/acl/policy/" + AccessApiTest::PolicyOf("other");
  static const std::string kRole = std::string("/v1/acl/role/") + kSampleRole;
  static const std::string kRule = std::string("/v1/acl/binding-rule/") + kSampleRule;
  static const std::map<std::string, Sample> kSamples = {
      {"PUT /v1/acl/bootstrap", {"/v1/acl/bootstrap", nullptr}},
      {"GET /v1/acl/replication", {"/v1/acl/replication", nullptr}},
      {"POST /v1/acl/rules/translate", {"/v1/acl/rules/translate", nullptr}},
      {"PUT /v1/acl/token", {"/v1/acl/token", json::object()}},
      {"GET /v1/acl/token/self", {"/v1/acl/token/self", nullptr}},
      {"GET /v1/acl/token/:accessor", {kToken, nullptr}},
      {"PUT /v1/acl/token/:accessor", {kToken, json::object()}},
      {"DELETE /v1/acl/token/:accessor", {kToken, nullptr}},
      {"PUT /v1/acl/token/:accessor/clone", {kToken + "/clone", json::object()}},
      {"GET /v1/acl/tokens", {"/v1/acl/tokens", nullptr}},
      {"PUT /v1/acl/policy", {"/v1/acl/policy", {{"Name", "another"}}}},
      {"GET /v1/acl/policy/:id", {kPolicy, nullptr}},
      {"GET /v1/acl/policy/name/:name", {"/v1/acl/policy/name/of-other", nullptr}},
      {"PUT /v1/acl/policy/:id", {kPolicy, {{"Name", "another"}}}},
      {"DELETE /v1/acl/policy/:id", {kPolicy, nullptr}},
      {"GET /v1/acl/policies", {"/v1/acl/policies", nullptr}},
      {"PUT /v1/acl/role", {"/v1/acl/role", {{"Name", "another"}}}},
      {"GET /v1/acl/role/:id", {kRole, nullptr}},
      {"GET /v1/acl/role/name/:name", {"/v1/acl/role/name/sample", nullptr}},
      {"PUT /v1/acl/role/:id", {kRole, {{"Name", "another"}}}},
      {"DELETE /v1/acl/role/:id", {kRole, nullptr}},
      {"GET /v1/acl/roles", {"/v1/acl/roles", nullptr}},
      {"PUT /v1/acl/auth-method",
       {"/v1/acl/auth-method",
        {{"Name", "another"}, {"Type", "jwt"}, {"Config", json::parse(kSampleConfig)}}}},
      {"GET /v1/acl/auth-method/:name", {"/v1/acl/auth-method/sample", nullptr}},
      {"PUT /v1/acl/auth-method/:name",
       {"/v1/acl/auth-method/sample", {{"Config", json::parse(kSampleConfig)}}}},
      {"DELETE /v1/acl/auth-method/:name", {"/v1/acl/auth-method/sample", nullptr}},
      {"GET /v1/acl/auth-methods", {"/v1/acl/auth-methods", nullptr}},
      {"PUT /v1/acl/binding-rule",
       {"/v1/acl/binding-rule",
        {{"AuthMethod", "sample"}, {"BindType", "role"}, {"BindName", "sample"}}}},
      {"GET /v1/acl/binding-rule/:id", {kRule, nullptr}},
      {"PUT /v1/acl/binding-rule/:id", {kRule, {{"BindType", "role"}, {"BindName", "another"}}}},
      {"DELETE /v1/acl/binding-rule/:id", {kRule, nullptr}},
      {"GET /v1/acl/binding-rules", {"/v1/acl/binding-rules", nullptr}},
      // Without a body, so that it is 400 for everybody.
      {"POST /v1/acl/login", {"/v1/acl/login", nullptr}},
      {"POST /v1/acl/logout", {"/v1/acl/logout", nullptr}},
      {"GET /", {"/", nullptr}},
      {"GET /openapi.json", {"/openapi.json", nullptr}},
      {"PUT /v1/catalog/register", {"/v1/catalog/register", kWebOnN1}},
      {"PUT /v1/catalog/deregister",
       {"/v1/catalog/deregister", {{"Node", "n1"}, {"ServiceID", "web-1"}}}},
      {"PUT /v1/catalog/batch", {"/v1/catalog/batch", json::array({{{"Register", kWebOnN1}}})}},
      {"PUT /v1/catalog/heartbeat",
       {"/v1/catalog/heartbeat", {{"Node", "n1"}, {"CheckIDs", {"web-ttl", "node-ttl"}}}}},
      {"PUT /v1/internal/renewals", {"/v1/internal/renewals", json::object()}},
      {"GET /v1/internal/acl/rules", {"/v1/internal/acl/rules", nullptr}},
      {"GET /v1/catalog/datacenters", {"/v1/catalog/datacenters", nullptr}},
      {"GET /v1/catalog/nodes", {"/v1/catalog/nodes", nullptr}},
      {"GET /v1/catalog/services", {"/v1/catalog/services", nullptr}},
      {"GET /v1/catalog/service/*name", {"/v1/catalog/service/web", nullptr}},
      {"GET /v1/catalog/node/*name", {"/v1/catalog/node/n1", nullptr}},
      {"GET /v1/catalog/node-services/*name", {"/v1/catalog/node-services/n1", nullptr}},
      {"GET /v1/catalog/connect/*name", {"/v1/catalog/connect/web", nullptr, true}},
      {"GET /v1/catalog/gateway-services/*name",
       {"/v1/catalog/gateway-services/web", nullptr, true}},
      {"GET /v1/health/service/*name", {"/v1/health/service/web", nullptr}},
      {"GET /v1/health/node/*name", {"/v1/health/node/n1", nullptr}},
      {"GET /v1/health/checks/*name", {"/v1/health/checks/web", nullptr}},
      {"GET /v1/health/state/*name", {"/v1/health/state/any", nullptr}},
      {"GET /v1/health/connect/*name", {"/v1/health/connect/web", nullptr, true}},
      {"GET /v1/health/ingress/*name", {"/v1/health/ingress/web", nullptr, true}},
      {"GET /v1/agent/self", {"/v1/agent/self", nullptr}},
      {"GET /v1/agent/services", {"/v1/agent/services", nullptr}},
      {"GET /v1/agent/checks", {"/v1/agent/checks", nullptr}},
      {"GET /v1/agent/service/*id", {"/v1/agent/service/web-1", nullptr}},
      {"PUT /v1/agent/service/register",
       {"/v1/agent/service/register", {{"Name", "web"}, {"ID", "web-1"}, {"Port", 82}}}},
      {"PUT /v1/agent/service/deregister/*id", {"/v1/agent/service/deregister/web-1", nullptr}},
      {"PUT /v1/agent/service/maintenance/*id",
       {"/v1/agent/service/maintenance/web-1?enable=true", nullptr}},
      {"PUT /v1/agent/maintenance", {"/v1/agent/maintenance?enable=true", nullptr}},
      {"GET /v1/agent/health/service/id/*id", {"/v1/agent/health/service/id/web-1", nullptr}},
      {"GET /v1/agent/health/service/name/*name", {"/v1/agent/health/service/name/web", nullptr}},
      {"GET /v1/agent/members", {"/v1/agent/members", nullptr}},
      {"PUT /v1/agent/join/*address", {"/v1/agent/join/127.0.0.1", nullptr}},
      {"PUT /v1/agent/force-leave/*node", {"/v1/agent/force-leave/gone", nullptr}},
      {"PUT /v1/agent/check/register", {"/v1/agent/check/register", kCheck}},
      {"PUT /v1/agent/check/deregister/*id", {"/v1/agent/check/deregister/web-ttl", nullptr}},
      {"PUT /v1/agent/check/pass/*id", {"/v1/agent/check/pass/web-ttl", nullptr}},
      {"PUT /v1/agent/check/warn/*id", {"/v1/agent/check/warn/web-ttl", nullptr}},
      {"PUT /v1/agent/check/fail/*id", {"/v1/agent/check/fail/node-ttl", nullptr}},
      {"PUT /v1/agent/check/update/*id",
       {"/v1/agent/check/update/web-ttl", {{"Status", "warning"}}}},
      {"GET /v1/coordinate/datacenters", {"/v1/coordinate/datacenters", nullptr}},
      {"GET /v1/coordinate/nodes", {"/v1/coordinate/nodes", nullptr}},
      {"GET /v1/coordinate/node/*name", {"/v1/coordinate/node/n1", nullptr}},
      {"PUT /v1/coordinate/update", {"/v1/coordinate/update", kCoordinate}},
      {"PUT /v1/event/fire/*name", {"/v1/event/fire/deploy", nullptr}},
      {"GET /v1/event/list", {"/v1/event/list", nullptr}},
      {"GET /v1/prometheus/sd", {"/v1/prometheus/sd", nullptr}},
      {"GET /v1/agent/version", {"/v1/agent/version", nullptr}},
      {"GET /v1/agent/host", {"/v1/agent/host", nullptr}},
      {"GET /v1/agent/metrics", {"/v1/agent/metrics", nullptr}},
      {"GET /v1/agent/monitor", {"/v1/agent/monitor", nullptr}},
      {"PUT /v1/agent/reload", {"/v1/agent/reload", nullptr}},
      {"PUT /v1/agent/leave", {"/v1/agent/leave", nullptr}},
      {"PUT /v1/agent/token/*name", {"/v1/agent/token/agent", {{"Token", "x"}}}},
      {"GET /v1/snapshot", {"/v1/snapshot", nullptr}},
      {"PUT /v1/snapshot", {"/v1/snapshot", nullptr}},
      {"GET /v1/status/leader", {"/v1/status/leader", nullptr}},
      {"GET /v1/status/peers", {"/v1/status/peers", nullptr}},
      {"GET /v1/operator/raft/configuration", {"/v1/operator/raft/configuration", nullptr}},
      {"GET /v1/operator/autopilot/health", {"/v1/operator/autopilot/health", nullptr}},
  };
  return kSamples;
}

// A registry for one request.
class World : public AccessApiTest {
 public:
  World() {
    shared().operations.reload = [](const auto& done) { done(Result<void>()); };
    shared().operations.stop = [] {};
    shared().operations.metrics = [] { return std::vector<prometheus::MetricFamily>(); };
    PutRules("read", access_matrix::kReadRules);
    PutRules("write", access_matrix::kWriteRules);
    PutRules("deny", access_matrix::kDenyRules);
    PutRules("other", access_matrix::kOtherRules);
    PutAcl(acl::WriteRole({kSampleRole, "sample", "", {}, {}, {}}));
    acl::AuthMethod method;
    method.name = "sample";
    method.type = "jwt";
    method.config = kSampleConfig;
    PutAcl(acl::WriteAuthMethod(method));
    PutAcl(acl::WriteBindingRule({kSampleRule, "", "sample", "", acl::BindType::kRole, "sample"}));
    PutRules("expired", access_matrix::kWriteRules,
             UtcTime(std::chrono::system_clock::now()) - std::chrono::hours(1));
    PutAs("management", "/v1/agent/service/register",
          {{"Name", "web"},
           {"ID", "web-1"},
           {"Port", 80},
           {"Check", {{"CheckID", "web-ttl"}, {"TTL", "1h"}, {"Status", "passing"}}}});
    PutAs("management", "/v1/agent/check/register",
          {{"ID", "node-ttl"}, {"Name", "node-ttl"}, {"TTL", "1h"}, {"Status", "passing"}});
    PutAs("management", "/v1/coordinate/update", Samples().at("PUT /v1/coordinate/update").body);
    PutAs("management", "/v1/event/fire/deploy");
  }
  void TestBody() override {}

  // Streams are left once their status is known.
  Answer Ask(const http::Route& route, const std::string& secret) const {
    const Sample& sample = Samples().at(KeyOf(route));
    if (route.method == http::Method::kPut) return PutAs(secret, sample.target, sample.body);
    if (route.method != http::Method::kGet) return SendAs(secret, route, sample.target);
    if (!sample.target.ends_with("/monitor")) return GetAs(secret, sample.target);
    httplib::Client client("127.0.0.1", port());
    Answer answer;
    const auto head = [&answer](const httplib::Response& response) {
      answer.status = response.status;
      return response.status != 200;
    };
    const auto content = [&answer](const char* bytes, size_t size) {
      answer.body.append(bytes, size);
      return true;
    };
    client.Get(sample.target, With(secret), head, content);
    return answer;
  }
  Answer SendAs(const std::string& secret, const http::Route& route,
                const std::string& target) const {
    httplib::Client client("127.0.0.1", port());
    httplib::Request request;
    request.method = http::MethodName(route.method);
    request.path = target;
    request.headers = With(secret);
    return From(client.send(request));
  }
  std::vector<ApiRoute> Table() {
    return OnWorker([this] { return RouteTable(worker()); });
  }
  using AccessApiTest::Write;
  using ApiTest::catalog;
};

// A batch is answered as a whole, and each command in it for itself.
void ExpectBatch(const Answer& answer, Expected expected) {
  if (expected == Expected::kUnknown) {
    EXPECT_EQ(answer.status, 403);
    return;
  }
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.json()[0]["Status"], expected == Expected::kDenied ? 403 : 200) << answer.body;
}

// None of these tokens has come of a login.
void ExpectLogout(const Answer& answer, const std::string& secret) {
  const bool is_good = !secret.empty() && secret != "no-such" && secret != "expired";
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.body, is_good ? "Permission denied" : "ACL not found");
}

access_matrix::Seen SeenIn(const Answer& answer) {
  return {answer.status, answer.body, answer.Header("X-Consul-Results-Filtered-By-ACLs")};
}

class AccessMatrixTest : public testing::TestWithParam<std::string> {};

TEST_P(AccessMatrixTest, WhatIsAnsweredFollowsFromWhatTheRouteNeeds) {
  const std::string secret = GetParam();
  World unchanged;
  access_matrix::ForEachRow(
      unchanged.Table(), Samples(), [&](const ApiRoute& row, const Sample& sample) {
        // What changes nothing is asked of one registry.
        const bool reads = row.route.method == http::Method::kGet;
        const auto ask = [&](const std::string& with) {
          return reads ? unchanged.Ask(row.route, with) : World().Ask(row.route, with);
        };
        const Answer answer = ask(secret);
        const Expected expected = access_matrix::ExpectedFor(row.needs, secret);
        if (row.route.pattern == "/v1/catalog/batch") return ExpectBatch(answer, expected);
        if (row.route.pattern == "/v1/acl/logout") return ExpectLogout(answer, secret);
        const access_matrix::Seen seen = SeenIn(answer);
        if (expected == Expected::kNarrowed) {
          EXPECT_THAT(answer.body, testing::Not(testing::HasSubstr("web")));
          EXPECT_THAT(answer.body, testing::Not(testing::HasSubstr("deploy")));
        }
        if (expected == Expected::kNarrowed && sample.shows_nothing) {
          EXPECT_EQ(seen.status, 200) << seen.body;
          EXPECT_EQ(seen.narrowed, "");
        } else {
          access_matrix::ExpectSeen(expected, seen, [&] { return SeenIn(ask("management")); });
        }
      });
}

INSTANTIATE_TEST_SUITE_P(Tokens, AccessMatrixTest, access_matrix::Tokens(),
                         access_matrix::NameOfToken);

TEST(AccessMatrixServerTest, OnlyWhoKnowsTheSecretOfTheServersSpeaksAsOne) {
  World world;
  const std::vector<ApiRoute> table = world.Table();
  const auto renewals = std::find_if(table.begin(), table.end(), [](const ApiRoute& row) {
    return row.needs.how == Needs::How::kServer;
  });
  ASSERT_NE(renewals, table.end());
  EXPECT_EQ(world.Ask(renewals->route, "").status, 403);
  world.Write(**acl::DrawGroupSecret(*world.catalog().snapshots().Get()));
  const std::string secret = acl::GroupSecretIn(*world.catalog().snapshots().Get());
  EXPECT_EQ(secret.size(), 36U);
  EXPECT_FALSE(acl::DrawGroupSecret(*world.catalog().snapshots().Get())->has_value());
  EXPECT_EQ(world.Ask(renewals->route, "").status, 403);
  EXPECT_EQ(world.Ask(renewals->route, "management").status, 403);
  EXPECT_EQ(world.Ask(renewals->route, secret.substr(1)).status, 403);
  // This server has its store to itself.
  EXPECT_EQ(world.Ask(renewals->route, secret).status, 409);
}

// docs/security.md names whatever anybody may ask for.
TEST(AccessMatrixPageTest, NamesEachPathThatIsOpen) {
  std::ifstream file(ROLLCALL_SECURITY_PAGE);
  const std::string page(std::istreambuf_iterator<char>(file), {});
  size_t open = 0;
  World world;
  for (const ApiRoute& row : world.Table()) {
    if (row.needs.how != Needs::How::kNothing) continue;
    ++open;
    std::string path(row.route.pattern);
    if (path.starts_with("/v1/status/")) path = "/v1/status/*";
    EXPECT_TRUE(page.find(path + "`") != std::string::npos) << path;
  }
  EXPECT_GE(open, 9U);
}

}  // namespace
}  // namespace rollcall::api
