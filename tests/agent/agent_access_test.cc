// Who may do what over the agent's own API, beyond what its route table says of each route
// (agent_access_matrix_test.cc): the whole agent, against a fake registry.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <stdexcept>
#include <string>

#include "tests/agent/agent_fixture.h"

namespace rollcall::agent {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kNarrowedHeader = "X-Consul-Results-Filtered-By-ACLs";
constexpr const char* kNobodyToAsk =
    "403 Permission denied: no server of the registry says what this token may do";

class AgentAccessTest : public AgentTest {
 protected:
  void Adjust(Options& options) override {
    options.security.acl_enabled = true;
    options.security.token_ttl = token_ttl_;
    registry_.PutToken("anonymous", "");
    registry_.PutToken("manage", R"(
      service_prefix "" { policy = "write" }  node_prefix "" { policy = "write" }
      agent_prefix "" { policy = "write" }  operator = "write")");
  }
  void SetUp() override {
    AgentTest::SetUp();
    Register("manage", R"({"Name": "web", "ID": "web-1", "Check": {"CheckID": "web-ttl",
                                                                  "TTL": "1h"}})");
    Register("manage", R"({"Name": "db", "ID": "db-1", "Check": {"CheckID": "db-ttl",
                                                                "TTL": "1h"}})");
    ASSERT_EQ(PutAs("manage", "/v1/agent/check/register", R"({"ID": "node-ttl", "Name": "n",
                                                             "TTL": "1h"})"),
              "200 ");
  }

  static httplib::Headers With(const std::string& secret) {
    return secret.empty() ? httplib::Headers() : httplib::Headers{{"X-Consul-Token", secret}};
  }
  static std::string TextOf(const httplib::Result& result) {
    return result ? std::to_string(result->status) + " " + result->body : "no answer";
  }
  httplib::Client Client() const {
    httplib::Client client("127.0.0.1", agent_->http_port());
    client.set_read_timeout(std::chrono::seconds(20));
    return client;
  }
  std::string PutAs(const std::string& secret, const std::string& target,
                    const std::string& body = "") {
    return TextOf(Client().Put(target, With(secret), body, "application/json"));
  }
  std::string GetAs(const std::string& secret, const std::string& target) {
    return TextOf(Client().Get(target, With(secret)));
  }
  std::string Register(const std::string& secret, const std::string& service) {
    return PutAs(secret, "/v1/agent/service/register", service);
  }

  std::chrono::milliseconds token_ttl_{30'000};
};

constexpr const char* kDenied = "403 Permission denied";
constexpr const char* kUnknown = "403 ACL not found";

TEST_F(AgentAccessTest, ListsShowWhatMayBeRead) {
  registry_.PutToken("web", R"(service "web" { policy = "read" })");
  const auto services = Client().Get("/v1/agent/services", With("web"));
  ASSERT_TRUE(services);
  EXPECT_EQ(json::parse(services->body).size(), 1U);
  EXPECT_TRUE(json::parse(services->body).contains("web-1"));
  EXPECT_EQ(services->get_header_value(kNarrowedHeader), "true");
  registry_.PutToken("web-and-node",
                     R"(service "web" { policy = "read" }  node "n1" { policy = "read" })");
  const auto checks = Client().Get("/v1/agent/checks", With("web-and-node"));
  ASSERT_TRUE(checks);
  EXPECT_EQ(json::parse(checks->body).size(), 2U);
  EXPECT_TRUE(json::parse(checks->body).contains("web-ttl"));
  EXPECT_TRUE(json::parse(checks->body).contains("node-ttl"));
  const auto all = Client().Get("/v1/agent/services", With("manage"));
  EXPECT_EQ(json::parse(all->body).size(), 3U);
  EXPECT_FALSE(all->has_header(kNarrowedHeader));
}

TEST_F(AgentAccessTest, FilterTellsNothingOfWhatMayNotBeRead) {
  registry_.PutToken("web", R"(service "web" { policy = "read" })");
  for (const char* filter : {"Service==db", "Service==nothing"}) {
    const auto answer =
        Client().Get(std::string("/v1/agent/services?filter=") + filter, With("web"));
    EXPECT_EQ(answer->body, "{}");
    EXPECT_EQ(answer->get_header_value(kNarrowedHeader), "true");
  }
}

TEST_F(AgentAccessTest, RegistrationNeedsWhatItWouldReplace) {
  registry_.PutToken("web", R"(service "web" { policy = "write" })");
  EXPECT_EQ(Register("web", R"({"Name": "web", "ID": "web-2"})"), "200 ");
  EXPECT_EQ(Register("web", R"({"Name": "Web", "ID": "web-3"})"), kDenied);
  EXPECT_EQ(Register("web", R"({"Name": "db", "ID": "web-1"})"), kDenied);
  EXPECT_EQ(Register("web", R"({"Name": "web", "ID": "db-1"})"), kDenied);
  EXPECT_EQ(Register("web", R"({"Name": "web", "ID": "DB-1"})"), kDenied);
  // Nor a check of somebody else.
  for (const char* check : {"db-ttl", "DB-TTL", "node-ttl"}) {
    EXPECT_EQ(Register("web", R"({"Name": "web", "ID": "web-1", "Check": {"CheckID": ")" +
                                  std::string(check) + R"(", "TTL": "1h"}})"),
              kDenied);
  }
  EXPECT_EQ(Register("web", R"({"Name": "web", "ID": "web-1", "Check": {"CheckID": "web-ttl",
                                                                       "TTL": "2h"}})"),
            "200 ");
  EXPECT_THAT(GetAs("manage", "/v1/agent/service/db-1"), HasSubstr("\"Service\":\"db\""));
}

TEST_F(AgentAccessTest, ChecksNeedTheServiceOrTheNodeThatTheyAreOf) {
  registry_.PutToken("web", R"(service "web" { policy = "write" })");
  registry_.PutToken("node", R"(node "n1" { policy = "write" })");
  const auto add = [this](const char* secret, const std::string& id, const char* service) {
    const json check = {{"ID", id}, {"Name", id}, {"TTL", "1h"}, {"ServiceID", service}};
    return PutAs(secret, "/v1/agent/check/register", check.dump());
  };
  EXPECT_EQ(add("web", "c", "web-1"), "200 ");
  EXPECT_EQ(add("web", "d", "db-1"), kDenied);
  EXPECT_EQ(add("web", "n", ""), kDenied);
  EXPECT_EQ(add("web", "x", "not-there"), kDenied);
  EXPECT_EQ(add("web", "db-ttl", "web-1"), kDenied);
  EXPECT_EQ(add("web", "node-ttl", "web-1"), kDenied);
  EXPECT_EQ(add("node", "n", ""), "200 ");
  EXPECT_EQ(add("node", "web-ttl", ""), kDenied);
  for (const char* verb : {"pass", "warn", "fail", "deregister"}) {
    const std::string path = "/v1/agent/check/" + std::string(verb) + "/";
    EXPECT_EQ(PutAs("web", path + "db-ttl"), kDenied);
    EXPECT_EQ(PutAs("web", path + "node-ttl"), kDenied);
    EXPECT_EQ(PutAs("web", path + "not-there"), kDenied);
    EXPECT_EQ(PutAs("node", path + "db-ttl"), kDenied);
    EXPECT_EQ(PutAs("node", path + "node-ttl"), "200 ");
    EXPECT_EQ(PutAs("web", path + "web-ttl"), "200 ");
  }
  EXPECT_EQ(PutAs("web", "/v1/agent/check/update/db-ttl", R"({"Status": "passing"})"), kDenied);
}

TEST_F(AgentAccessTest, ServicesAreRemovedByThoseWhoMayWriteThem) {
  registry_.PutToken("web", R"(service "web" { policy = "write" })");
  registry_.PutToken("node", R"(node "n1" { policy = "write" })");
  EXPECT_EQ(PutAs("web", "/v1/agent/service/deregister/db-1"), kDenied);
  EXPECT_EQ(PutAs("node", "/v1/agent/service/deregister/db-1"), kDenied);
  // What nothing has might be a file that was not loaded.
  EXPECT_EQ(PutAs("web", "/v1/agent/service/deregister/not-there"), kDenied);
  EXPECT_EQ(PutAs("node", "/v1/agent/service/deregister/not-there"), "200 ");
  EXPECT_EQ(PutAs("web", "/v1/agent/service/maintenance/db-1?enable=true"), kDenied);
  EXPECT_EQ(PutAs("web", "/v1/agent/service/deregister/web-1"), "200 ");
  EXPECT_THAT(GetAs("manage", "/v1/agent/services"), HasSubstr("db-1"));
}

TEST_F(AgentAccessTest, HealthByNameIsJudgedByTheNamesOfRecordsToo) {
  Register("manage", R"({"Name": "Api", "ID": "api-1"})");
  registry_.PutToken("all-but-Api",
                     R"(service_prefix "" { policy = "read" }  service "Api" { policy = "deny" })");
  EXPECT_EQ(GetAs("all-but-Api", "/v1/agent/health/service/name/api"), kDenied);
  EXPECT_EQ(GetAs("all-but-Api", "/v1/agent/health/service/name/Api"), kDenied);
  EXPECT_THAT(GetAs("all-but-Api", "/v1/agent/health/service/name/WEB"), HasSubstr("web-1"));
}

TEST_F(AgentAccessTest, TokenComesInTheQueryTheHeaderOrAsABearer) {
  const std::string self = "/v1/agent/version";
  EXPECT_EQ(GetAs("", self), kDenied);
  EXPECT_THAT(GetAs("", self + "?token=manage"), HasSubstr("200 "));
  EXPECT_EQ(GetAs("manage", self + "?token=wrong"), kUnknown);
  const auto bearer = Client().Get(self, {{"Authorization", "Bearer manage"}});
  EXPECT_EQ(bearer->status, 200);
  EXPECT_EQ(GetAs("", self + "?token=manage%0d%0aX-Consul-Token:%20anonymous"), kUnknown);
}

TEST_F(AgentAccessTest, WhatTheRegistryAnswersIsNotJudgedHere) {
  EXPECT_EQ(Client().Get("/v1/catalog/node/n1", With("wrong"))->status, 200);
  EXPECT_EQ(Client().Get("/", With("wrong"))->status, 200);
}

TEST_F(AgentAccessTest, WhatWasKnownCountsOnWhileTheRegistryIsAway) {
  registry_.Stop();
  EXPECT_EQ(PutAs("manage", "/v1/agent/check/pass/web-ttl"), "200 ");
  EXPECT_EQ(GetAs("never-seen", "/v1/agent/services"), kNobodyToAsk);
  EXPECT_EQ(GetAs("", "/v1/agent/services"), kNobodyToAsk);
}

TEST_F(AgentAccessTest, SelfSaysThatAccessIsControlled) {
  const auto self = Client().Get("/v1/agent/self", With("manage"));
  EXPECT_EQ(json::parse(self->body)["Stats"]["consul"]["acl"], "enabled");
}

class AgentAccessExtendedTest : public AgentAccessTest {
 protected:
  AgentAccessExtendedTest() { token_ttl_ = std::chrono::milliseconds(0); }
};

TEST_F(AgentAccessExtendedTest, ThoughItIsOlderThanItsTimeToLive) {
  EXPECT_THAT(GetAs("", "/v1/agent/services"), "200 {}");
  registry_.Stop();
  EXPECT_EQ(PutAs("manage", "/v1/agent/check/pass/web-ttl"), "200 ");
  EXPECT_THAT(GetAs("", "/v1/agent/services"), "200 {}");
  EXPECT_EQ(GetAs("never-seen", "/v1/agent/services"), kNobodyToAsk);
  registry_.RemoveToken("manage");
  registry_.Start();
  ASSERT_TRUE(Eventually([&] { return GetAs("manage", "/v1/agent/self") == kUnknown; }));
}

TEST_F(AgentAccessExtendedTest, WhoWaitsIsToldByTheRightsThatHeHasAtTheEnd) {
  registry_.PutToken("reader", R"(service "web" { policy = "read" })");
  const auto now = Client().Get("/v1/agent/service/web-1", With("reader"));
  ASSERT_EQ(now->status, 200);
  const std::string hash = now->get_header_value("X-Consul-ContentHash");
  const int asked = registry_.rules_asked();
  auto waiting = std::async(std::launch::async, [&] {
    return GetAs("reader", "/v1/agent/service/web-1?wait=15s&hash=" + hash);
  });
  ASSERT_TRUE(Eventually([&] { return registry_.rules_asked() > asked; }));
  registry_.RemoveToken("reader");
  Register("manage", R"({"Name": "web", "ID": "web-1", "Port": 99})");
  EXPECT_EQ(waiting.get(), kUnknown);
}

class AgentDefaultTokenTest : public AgentAccessTest {
 protected:
  void Adjust(Options& options) override {
    AgentAccessTest::Adjust(options);
    options.security.tokens.user = "stand-in";
    registry_.PutToken("stand-in", R"(service "web" { policy = "read" })");
  }
};

TEST_F(AgentDefaultTokenTest, StandsInForWhoPresentsNone) {
  EXPECT_THAT(GetAs("", "/v1/agent/service/web-1"), HasSubstr("200 "));
  EXPECT_EQ(GetAs("", "/v1/agent/service/db-1"), kDenied);
  EXPECT_EQ(GetAs("wrong", "/v1/agent/service/web-1"), kUnknown);
  EXPECT_THAT(GetAs("manage", "/v1/agent/service/db-1"), HasSubstr("200 "));
}

class OpenAgentTest : public AgentTest {};

TEST_F(OpenAgentTest, AsksNobodyWhereAccessIsNotControlled) {
  registry_.PutToken("anonymous", "");
  const auto services = client_->Get("/v1/agent/services", {{"X-Consul-Token", "wrong"}});
  ASSERT_TRUE(services);
  EXPECT_THAT(services->body, HasSubstr("from-file"));
  EXPECT_EQ(Put("/v1/agent/service/register", R"({"Name": "web"})"), "200 ");
  EXPECT_EQ(registry_.rules_asked(), 0);
}

TEST_F(AgentAccessTest, HandlerThatHasToAskIsDemanded) {
  const http::Handler asks_nothing = [](const std::shared_ptr<http::Exchange>&) {};
  const access::AccessHandler asks = [](const auto&, const auto&) {};
  boost::asio::io_context loop;
  const SteadyClock clock;
  front::Upstream upstream(loop, {.servers = {registry_.Url()}});
  access::TokenResolver resolver(clock, upstream, {});
  access::Guard guard({.enabled = true, .node = "n1"}, resolver);
  const auto filtered = api::Needs::Filtered({acl::Resource::kNode});
  EXPECT_THROW(guard.Guarded(filtered, asks_nothing), std::invalid_argument);
  EXPECT_THROW(guard.Guarded(api::Needs::Nothing(), asks), std::invalid_argument);
  EXPECT_THROW(guard.Guarded(api::Needs::OfWhoAnswers(), asks), std::invalid_argument);
  EXPECT_THROW(guard.Guarded(api::Needs::OtherServer(), asks_nothing), std::invalid_argument);
  EXPECT_NO_THROW(guard.Guarded(filtered, asks));
  EXPECT_NO_THROW(guard.Guarded(api::Needs::Nothing(), asks_nothing));
}

}  // namespace
}  // namespace rollcall::agent
