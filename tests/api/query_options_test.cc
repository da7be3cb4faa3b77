// The parameters that every read understands, as the server answers them.
#include <gmock/gmock.h>

#include <string>

#include "tests/api/api_fixture.h"

namespace rollcall::api {
namespace {

class QueryOptionsTest : public ApiTest {
 protected:
  httplib::Result Send(const std::string& target, const httplib::Headers& headers = {}) {
    httplib::Client client("127.0.0.1", port());
    return client.Get(target, headers);
  }
};

TEST_F(QueryOptionsTest, WhatConsulRefusesIsRefusedInItsWords) {
  const struct {
    const char* query;
    const char* text;
  } cases[] = {
      {"index=abc", "Invalid index"},
      {"index=-1", "Invalid index"},
      {"index=18446744073709551616", "Invalid index"},
      {"wait=10", "Invalid wait time"},
      {"wait=abc", "Invalid wait time"},
      {"max_stale=abc", "Invalid max_stale value \"abc\""},
      {"passing=maybe", "Invalid value for ?passing"},
      {"dc=elsewhere", "No path to datacenter"},
      {"stale&consistent", "Cannot specify ?stale with ?consistent, conflicting semantics."},
      {"max_stale=1s&consistent", "Cannot specify ?stale with ?consistent, conflicting semantics."},
      {"cached&consistent", "Cannot specify ?cached with ?consistent, conflicting semantics."},
      {"ns=team", "Invalid query parameter: \"ns\" - Namespaces are a Consul Enterprise feature"},
      {"partition=p",
       "Invalid query parameter: \"partition\" - Partitions are a Consul Enterprise feature"},
  };
  for (const auto& each : cases) {
    const Answer answer = Get("/v1/health/service/web?" + std::string(each.query));
    EXPECT_EQ(answer.status, 400) << each.query;
    EXPECT_EQ(answer.body, each.text);
  }
}

TEST_F(QueryOptionsTest, NamespacesAreRefusedOnWritesToo) {
  EXPECT_EQ(Put("/v1/agent/service/register?ns=team", {{"Name", "web"}}).status, 400);
  EXPECT_EQ(Send("/v1/agent/services", {{"X-Consul-Namespace", "team"}})->status, 400);
  EXPECT_EQ(Get("/v1/agent/services").body, "{}");
}

TEST_F(QueryOptionsTest, AWriteToAnotherDatacenterIsRefused) {
  EXPECT_EQ(Put("/v1/catalog/register?dc=dc9", {{"Node", "x"}, {"Address", "10.0.0.1"}}).body,
            "No path to datacenter");
  EXPECT_EQ(Put("/v1/catalog/deregister?dc=dc9", {{"Node", "n1"}}).status, 400);
  EXPECT_EQ(Put("/v1/catalog/deregister?dc=dc1", {{"Node", "x"}}).status, 200);
}

TEST_F(QueryOptionsTest, TheModesAreNamedInTheAnswer) {
  const struct {
    const char* query;
    const char* mode;
  } cases[] = {{"", "leader"},
               {"?leader", "leader"},
               {"?stale", "stale"},
               {"?max_stale=5s", "stale"},
               {"?max_stale=0s", "leader"},
               {"?consistent", "consistent"},
               {"?token=x", "leader"}};
  for (const auto& each : cases) {
    const auto answer = Send("/v1/catalog/nodes" + std::string(each.query));
    EXPECT_EQ(answer->status, 200) << each.query;
    EXPECT_EQ(answer->get_header_value("X-Consul-Effective-Consistency"), each.mode) << each.query;
    EXPECT_EQ(answer->get_header_value("X-Consul-KnownLeader"), "true");
    EXPECT_EQ(answer->get_header_value("X-Consul-LastContact"), "0");
    EXPECT_EQ(answer->get_header_value("X-Consul-Query-Backend"), "blocking-query");
    EXPECT_FALSE(answer->has_header("X-Cache"));
  }
}

TEST_F(QueryOptionsTest, TokensAreAcceptedWhereverTheyMayStand) {
  for (const httplib::Headers& headers : {httplib::Headers{{"X-Consul-Token", "t"}},
                                          httplib::Headers{{"Authorization", "Bearer t"}}}) {
    EXPECT_EQ(Send("/v1/catalog/nodes", headers)->status, 200);
  }
}

TEST_F(QueryOptionsTest, CachedSaysWhetherTheAnswerWasKeptAndIsNeverStale) {
  const nlohmann::json web = {
      {"Node", "m"}, {"Address", "10.0.0.1"}, {"Service", {{"Service", "web"}, {"Port", 80}}}};
  Put("/v1/catalog/register", web);
  const std::string target = "/v1/health/service/web?cached";
  const auto first = Send(target);
  EXPECT_EQ(first->get_header_value("X-Cache"), "MISS");
  EXPECT_FALSE(first->has_header("Age"));
  const auto second = Send(target, {{"Cache-Control", "max-age=60, stale-if-error=3600"}});
  EXPECT_EQ(second->get_header_value("X-Cache"), "HIT");
  EXPECT_EQ(second->get_header_value("Age"), "0");
  EXPECT_EQ(second->body, first->body);
  nlohmann::json moved = web;
  moved["Service"]["Port"] = 81;
  Put("/v1/catalog/register", moved);
  const auto third = Send(target, {{"Cache-Control", "must-revalidate"}});
  EXPECT_EQ(third->get_header_value("X-Cache"), "MISS");
  EXPECT_THAT(third->body, testing::HasSubstr("\"Port\":81"));
}

// The lists of all services and of all nodes are kept until a name, a tag or a node changes.
TEST_F(QueryOptionsTest, TheListsOfAllAreKeptUntilTheyChange) {
  using Json = nlohmann::json;
  const auto fetch = [this](const char* target, const char* cache) {
    const auto answer = Send(target);
    EXPECT_EQ(answer->get_header_value("X-Cache"), cache) << target;
    return Json::parse(answer->body);
  };
  const auto services = [&](const char* cache) {
    return fetch("/v1/catalog/services?cached", cache);
  };
  const auto nodes = [&](const char* cache) { return fetch("/v1/catalog/nodes?cached", cache); };
  EXPECT_EQ(services("MISS"), Json::object());
  EXPECT_EQ(nodes("MISS").size(), 1u);  // the server's own
  Json web = {{"Node", "m"},
              {"Address", "10.0.0.1"},
              {"Service", {{"Service", "we\"b"}, {"Port", 80}, {"Tags", {"b", "a"}}}}};
  Put("/v1/catalog/register", web);
  EXPECT_EQ(services("MISS"), Json({{"we\"b", {"a", "b"}}}));
  EXPECT_EQ(nodes("MISS").size(), 2u);
  web["Service"]["Port"] = 81;
  Put("/v1/catalog/register", web);
  EXPECT_EQ(services("HIT"), Json({{"we\"b", {"a", "b"}}}));
  EXPECT_EQ(nodes("HIT")[0].at("Address"), "10.0.0.1");
  web["Service"]["Tags"] = {"a"};
  web["Address"] = "10.0.0.2";
  Put("/v1/catalog/register", web);
  EXPECT_EQ(services("MISS"), Json({{"we\"b", {"a"}}}));
  EXPECT_EQ(nodes("MISS")[0].at("Address"), "10.0.0.2");
  Put("/v1/catalog/register",
      {{"Node", "n"}, {"Address", "10.0.0.3"}, {"Service", {{"Service", "api"}}}});
  EXPECT_EQ(services("MISS"), Json({{"api", Json::array()}, {"we\"b", {"a"}}}));
  EXPECT_EQ(nodes("MISS").size(), 3u);
  Put("/v1/catalog/deregister", {{"Node", "m"}});
  EXPECT_EQ(services("MISS"), Json({{"api", Json::array()}}));
  EXPECT_EQ(nodes("MISS").size(), 2u);
  EXPECT_EQ(services("HIT"), Json({{"api", Json::array()}}));
}

TEST_F(QueryOptionsTest, AnAgeThatIsNoNumberIsRefused) {
  for (const char* header :
       {"max-age=soon", "stale-if-error=", "Max-Age=1s", "no-store, max-age=x"}) {
    const auto answer = Send("/v1/catalog/nodes?cached", {{"Cache-Control", header}});
    EXPECT_EQ(answer->status, 400) << header;
    EXPECT_EQ(answer->body, "Invalid Cache-Control header.");
  }
  for (const char* header : {"no-cache", "max-age=0", ",,", "  max-age=5 ,must-revalidate"}) {
    EXPECT_EQ(Send("/v1/catalog/nodes?cached", {{"Cache-Control", header}})->status, 200) << header;
  }
}

TEST_F(QueryOptionsTest, ParametersThatNobodyKnowsAreIgnored) {
  EXPECT_EQ(Get("/v1/catalog/nodes?whatever=1&near=&node-meta=&dc=&index=&wait=").status, 200);
}

}  // namespace
}  // namespace rollcall::api
