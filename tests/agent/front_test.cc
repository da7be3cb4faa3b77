// What the front passes on to the registry, and what it answers without it.
#include "agent/front/front.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/agent/front_fixture.h"

namespace rollcall::front {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST_F(FrontTest, PassesEveryMethodTargetAndBodyOn) {
  ScriptedServer server(loop_, Always(HttpAnswer(200, "yes")));
  StartFront({server.Url()});
  const std::string target = "/v1/kv/a%2Fb/%20?x=%2B+1&y&&z=%26";
  for (const std::string method : {"GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS"}) {
    const std::string body = method == "GET" ? "" : "{\"a\": 1}";
    EXPECT_EQ(TextOf(Begin(method, target, "", body)), "200 yes") << method;
    const auto& seen = server.requests().back();
    EXPECT_EQ(seen.method_string(), method);
    EXPECT_EQ(seen.target(), target);
    EXPECT_EQ(seen.body(), body);
  }
}

TEST_F(FrontTest, HeadIsAskedAsAGetSoThatItsLengthIsKnown) {
  ScriptedServer server(loop_, Always(HttpAnswer(200, "twelve bytes")));
  StartFront({server.Url()});
  EXPECT_EQ(TextOf(Begin("HEAD", "/v1/catalog/nodes")), "200 twelve bytes");
  EXPECT_EQ(server.requests()[0].method_string(), "GET");
}

TEST_F(FrontTest, PassesEndToEndFieldsAloneToTheServer) {
  ScriptedServer server(loop_, Always(HttpAnswer(200, "")));
  StartFront({server.Url()});
  Read("/v1/x",
       "X-Consul-Token: t\r\nIf-None-Match: W/\"1\"\r\nAccept: a\r\nAccept: b\r\n"
       "Cache-Control: max-age=3\r\nAccept-Encoding: gzip\r\nConnection: keep-alive, X-Mine \r\n"
       "X-Mine: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\nUpgrade: h2c\r\nProxy-Connection: x\r\n");
  const auto& seen = server.requests().at(0);
  EXPECT_EQ(seen["X-Consul-Token"], "t");
  EXPECT_EQ(seen["If-None-Match"], "W/\"1\"");
  EXPECT_EQ(seen.count("Accept"), 2u);
  EXPECT_EQ(seen["Cache-Control"], "max-age=3");
  EXPECT_EQ(seen["Accept-Encoding"], "identity");
  EXPECT_EQ(seen["Host"], server.Url().substr(7));
  EXPECT_EQ(seen["Via"], "1.1 n%201");
  for (const char* name : {"X-Mine", "Keep-Alive", "TE", "Upgrade", "Proxy-Connection"}) {
    EXPECT_EQ(seen.count(name), 0u) << name;
  }
}

TEST_F(FrontTest, PassesEndToEndFieldsAloneToTheClient) {
  ScriptedServer server(
      loop_, Always(HttpAnswer(304, "",
                               "X-Consul-Index: 7\r\nETag: W/\"1\"\r\nCache-Control: no-cache\r\n"
                               "Location: /elsewhere\r\nVary: Accept-Encoding\r\n"
                               "Keep-Alive: 5\r\nConnection: X-Mine\r\nX-Mine: 1\r\n")));
  StartFront({server.Url()});
  const auto exchange = BeginGet("/v1/x");
  ASSERT_TRUE(WaitFor(exchange));
  EXPECT_EQ(exchange->response().status, 304);
  EXPECT_EQ(exchange->response().header_block,
            "X-Consul-Index: 7\r\nETag: W/\"1\"\r\nCache-Control: no-cache\r\n"
            "Location: /elsewhere\r\n");
}

TEST_F(FrontTest, NearTheAgentIsNearItsNode) {
  ScriptedServer server(loop_, Always(HttpAnswer(200, "")));
  StartFront({server.Url()});
  const std::pair<const char*, const char*> cases[] = {
      {"/v1/x?near=_agent", "/v1/x?near=n%201"},
      {"/v1/x?a=%2f&n%65ar=%5Fagent&b", "/v1/x?a=%2f&near=n%201&b"},
      {"/v1/x?near=agent&far=_agent", "/v1/x?near=agent&far=_agent"},
      {"/v1/x?near", "/v1/x?near"},
      {"/v1/x?", "/v1/x?"},
      {"http://agent/v1/x?y", "/v1/x?y"},
  };
  for (const auto& [sent, passed] : cases) {
    Read(sent);
    EXPECT_EQ(server.requests().back().target(), passed) << sent;
  }
}

TEST_F(FrontTest, WhatIsAboutThisHostIsNotPassedOn) {
  ScriptedServer server(loop_, Always(HttpAnswer(200, "from the registry")));
  StartFront({server.Url()});
  EXPECT_EQ(Read("/v1/agent/unknown/thing"), "404 ");
  EXPECT_EQ(TextOf(Begin("PUT", "/v1/agent/join/x")), "404 ");
  EXPECT_EQ(Read("/"), "200 Consul Agent");
  EXPECT_EQ(Read("/ui"), "404 ");
  EXPECT_EQ(server.requests().size(), 0u);
}

TEST_F(FrontTest, SaysWhatIsWrongWithEachServer) {
  const std::string closed = ClosedUrl();
  StartFront({closed});
  EXPECT_EQ(Read("/v1/x"),
            "503 no registry server can be reached: " + closed + ": Connection refused");
  ScriptedServer breaks(loop_, Always("HTTP/1.1 what\r\n\r\n"));
  StartFront({breaks.Url()});
  EXPECT_THAT(Read("/v1/x"), StartsWith("502 no usable answer: " + breaks.Url()));
  ScriptedServer closes(loop_, Always(ScriptedServer::kClose));
  StartFront({closes.Url()});
  EXPECT_THAT(TextOf(Begin("POST", "/v1/x")), StartsWith("504 the request was sent and may"));
}

TEST_F(FrontTest, BlockingQueryIsGivenItsTime) {
  options_.times.answer = milliseconds(20);
  ScriptedServer server(loop_, Always(ScriptedServer::kPark));
  StartFront({server.Url()});
  const auto waits = BeginGet("/v1/x?index=4&wait=10s");
  const auto does_not = BeginGet("/v1/x?index=0&wait=10s");
  EXPECT_THAT(TextOf(does_not), HasSubstr("no answer within 20 ms"));
  EXPECT_FALSE(waits->is_answered());
  EXPECT_THAT(Read("/v1/x?index=4&wait=1ms"), HasSubstr("no answer within 21 ms"));
  EXPECT_THAT(Read("/v1/x?index=four&wait=10s"), HasSubstr("no answer within 20 ms"));
  server.AnswerParked(HttpAnswer(200, "changed"));
  EXPECT_EQ(TextOf(waits), "200 changed");
}

TEST_F(FrontTest, ClientThatGoesAwayEndsItsBlockingQuery) {
  ScriptedServer server(loop_, Always(ScriptedServer::kPark));
  StartFront({server.Url()});
  const auto exchange = BeginGet("/v1/x?index=4");
  ASSERT_TRUE(RunUntil(loop_, [&] { return server.parked() == 1; }));
  exchange->Close();
  EXPECT_TRUE(RunUntil(loop_, [&] { return server.left() == 1; }));
  EXPECT_EQ(upstream_->pending(), 0u);
  EXPECT_FALSE(exchange->is_answered());
}

TEST_F(FrontTest, BlockingQueryIsAnsweredWhenTheAgentStops) {
  ScriptedServer server(loop_, Always(ScriptedServer::kPark));
  StartFront({server.Url()});
  const auto exchange = BeginGet("/v1/x?index=4");
  ASSERT_TRUE(RunUntil(loop_, [&] { return server.parked() == 1; }));
  exchange->ShutDown();
  EXPECT_EQ(exchange->Text(), "503 the agent is stopping");
}

TEST_F(FrontTest, AgentThatIsItsOwnServerSaysSo) {
  ScriptedServer server(loop_, Always(HttpAnswer(200, "yes")));
  StartFront({server.Url()});
  EXPECT_THAT(Read("/v1/x", "Via: 1.0 other, 1.1 n%201 \r\n"), StartsWith("508 "));
  EXPECT_EQ(Read("/v1/x", "Via: 1.1 n%2012, 1.1 xn%201\r\n"), "200 yes");
}

TEST_F(FrontTest, RequestWithoutATokenGoesWithTheAgents) {
  ScriptedServer server(loop_, Always(HttpAnswer(200, "ok")));
  options_.token = [] { return std::string("agents"); };
  StartFront({server.Url()});
  const struct {
    const char* target;
    const char* headers;
    const char* sent;  // X-Consul-Token
  } cases[] = {
      {"/v1/catalog/nodes", "", "agents"},
      {"/v1/catalog/nodes", "X-Consul-Token: \r\n", "agents"},
      {"/v1/catalog/nodes", "X-Consul-Token: own\r\n", "own"},
      {"/v1/catalog/nodes", "x-consul-token: own\r\n", "own"},
      {"/v1/catalog/nodes?token=own", "", ""},
      {"/v1/catalog/nodes?dc=dc1&t%6fken=own", "", ""},
      {"/v1/catalog/nodes?token=", "", "agents"},
      {"/v1/catalog/nodes?tokens=x", "", "agents"},
      {"/v1/catalog/nodes", "Authorization: Bearer own\r\n", ""},
      {"/v1/catalog/nodes", "Authorization: Basic b3du\r\n", "agents"},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(Read(each.target, each.headers), "200 ok");
    const auto& seen = server.requests().back();
    EXPECT_EQ(seen["X-Consul-Token"], each.sent) << each.target << each.headers;
    EXPECT_EQ(seen.target(), each.target);
  }
}

}  // namespace
}  // namespace rollcall::front
