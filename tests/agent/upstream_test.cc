// Upstream with one server: what goes over the wire, connections, answers that are no good.
#include "agent/front/upstream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/agent/upstream_fixture.h"

namespace rollcall::front {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST_F(UpstreamTest, PassesMethodTargetHeadersAndBodyAsTheyAre) {
  ScriptedServer server(loop_, Always(HttpAnswer(201, "made", "X-Consul-Index: 7\r\n")));
  Start({server.Url()});
  const auto outcome = Send({.method = "PUT",
                             .target = "/v1/kv/a%2Fb%20c?x=%2b&y",
                             .headers = {{"X-Consul-Token", "t"}, {"Accept", "a"}, {"Accept", "b"}},
                             .body = std::string("\0\r\n\xff", 4)});
  ASSERT_TRUE(Wait(outcome));
  const UpstreamReply& reply = (*outcome)->value();
  EXPECT_EQ(reply.status, 201);
  EXPECT_EQ(reply.body, "made");
  EXPECT_EQ(reply.Header("x-consul-index"), "7");
  EXPECT_EQ(reply.server, server.Url());
  ASSERT_EQ(server.requests().size(), 1u);
  const auto& seen = server.requests()[0];
  EXPECT_EQ(seen.method_string(), "PUT");
  EXPECT_EQ(seen.target(), "/v1/kv/a%2Fb%20c?x=%2b&y");
  EXPECT_EQ(seen["X-Consul-Token"], "t");
  EXPECT_EQ(seen.count("Accept"), 2u);
  EXPECT_EQ(seen["Host"], server.Url().substr(7));
  EXPECT_EQ(seen.body(), std::string("\0\r\n\xff", 4));
}

TEST_F(UpstreamTest, AnswersOfAnyStatusAreAnswers) {
  ScriptedServer server(loop_, Always(HttpAnswer(404, "none")));
  Start({server.Url()});
  EXPECT_EQ(Get("/"), "404 none");
  server.SetScript(Always(HttpAnswer(503, "busy")));
  EXPECT_EQ(Get("/"), "503 busy");
  server.SetScript(Always("HTTP/1.1 204 No Content\r\n\r\n"));
  EXPECT_EQ(Get("/"), "204 ");
  server.SetScript(Always("HTTP/1.1 103 Early Hints\r\n\r\n" + HttpAnswer(200, "late")));
  EXPECT_EQ(Get("/"), "200 late");
  server.SetScript(Always(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"));
  EXPECT_EQ(Get("/"), "200 abc");
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(UpstreamTest, HeadHasALengthAndNoBody) {
  ScriptedServer server(loop_, Always("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"));
  Start({server.Url()});
  EXPECT_EQ(Ask({.method = "HEAD", .target = "/"}), "200 ");
  EXPECT_EQ(Ask({.method = "HEAD", .target = "/"}), "200 ");
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(UpstreamTest, OneConnectionServesRequestAfterRequest) {
  ScriptedServer server(loop_, Always(HttpAnswer(200, "x")));
  Start({server.Url()});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Get("/"), "200 x");
  EXPECT_EQ(server.accepted(), 1);
}

TEST_F(UpstreamTest, ConnectionThatIsToBeClosedIsNotUsedAgain) {
  ScriptedServer server(loop_, Always(HttpAnswer(200, "x", "Connection: close\r\n")));
  Start({server.Url()});
  EXPECT_EQ(Get("/"), "200 x");
  EXPECT_EQ(Get("/"), "200 x");
  EXPECT_EQ(server.accepted(), 2);
  EXPECT_TRUE(RunUntil(loop_, [&] { return server.left() == 2; }));
}

TEST_F(UpstreamTest, KeptConnectionIsClosedAfterAWhile) {
  ScriptedServer server(loop_, Always(HttpAnswer(200, "x")));
  options_.pool.keep = milliseconds(20);
  Start({server.Url()});
  EXPECT_EQ(Get("/"), "200 x");
  EXPECT_TRUE(RunUntil(loop_, [&] { return server.left() == 1; }));
}

TEST_F(UpstreamTest, KeptConnectionThatTheServerClosedIsReplaced) {
  ScriptedServer server(loop_, Always(HttpAnswer(200, "x")));
  Start({server.Url()});
  for (const char* method : {"GET", "PUT", "POST"}) {
    EXPECT_EQ(Ask({.method = method, .target = "/", .body = "b"}), "200 x") << method;
    server.CloseConnections();
    RunFor(milliseconds(5));
  }
  EXPECT_EQ(server.accepted(), 3);
}

TEST_F(UpstreamTest, KeptConnectionThatIsClosedInUseIsReplacedUnlessItMightBeDoneTwice) {
  ScriptedServer server(loop_, Always(HttpAnswer(200, "x")));
  Start({server.Url()});
  int asked = 0;
  const auto closes_first = [&asked](const auto&) {
    return std::string(asked++ == 0 ? ScriptedServer::kClose : HttpAnswer(200, "again"));
  };
  EXPECT_EQ(Get("/"), "200 x");
  server.SetScript(closes_first);
  EXPECT_EQ(Get("/"), "200 again");
  asked = 0;
  EXPECT_EQ(Ask({.method = "PUT", .target = "/"}), "200 again");
  asked = 0;
  EXPECT_THAT(Ask({.method = "POST", .target = "/"}), StartsWith("the request was sent and may"));
  EXPECT_EQ(asked, 1);
}

TEST_F(UpstreamTest, ServerThatOnlyClosesIsNotAskedForEver) {
  ScriptedServer server(loop_, Always(ScriptedServer::kClose));
  Start({server.Url()});
  EXPECT_EQ(Get("/"), "no registry server can be reached: " + server.Url() + ": connection closed");
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(UpstreamTest, ClosedPortIsNamed) {
  const std::string url = ClosedUrl();
  Start({url});
  EXPECT_EQ(Get("/"), "no registry server can be reached: " + url + ": Connection refused");
}

TEST_F(UpstreamTest, HostThatHasNoAddressIsNamed) {
  Start({"http://nobody.invalid:1"});
  EXPECT_THAT(Get("/"), StartsWith("no registry server can be reached: http://nobody.invalid:1: "));
}

TEST_F(UpstreamTest, ServerThatSpeaksNoTlsIsAnErrorOfItsConnection) {
  ScriptedServer server(loop_, Always(HttpAnswer(200, "x")));
  Start({"https" + server.Url().substr(4)});
  EXPECT_THAT(Get("/"), HasSubstr("TLS: it hung up in the middle of the handshake"));
}

TEST_F(UpstreamTest, AnswersThatAreNoGoodAreRefused) {
  const std::pair<std::string, std::string> cases[] = {
      {"SSH-2.0-OpenSSH\r\n\r\n", "bad version"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\nabc", "cut short"},
      {"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "bad Content-Length"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nabc", "larger than 67108864"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "bad chunk"},
      {"HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x') + "\r\n\r\n", "header limit"},
      {"HTTP/1.1 101 Switching Protocols\r\n\r\n", "unexpected 101"},
      {"HTTP/1.1 200 O", "cut short"},
  };
  for (const auto& [answer, why] : cases) {
    test::LittleServer server(loop_, {.answer = answer});
    Start({"http://" + server.address()});
    const auto outcome = Send({.target = "/"});
    EXPECT_THAT(TextOf(outcome), HasSubstr(why));
    ASSERT_TRUE(outcome->has_value() && !**outcome);
    EXPECT_EQ((*outcome)->error().code, ErrorCode::kCorruption) << why;
  }
}

TEST_F(UpstreamTest, BytesBehindAnAnswerAreNotTheNextOne) {
  ScriptedServer server(loop_, Always(HttpAnswer(200, "x") + HttpAnswer(200, "evil")));
  Start({server.Url()});
  EXPECT_EQ(Get("/"), "200 x");
  EXPECT_EQ(Get("/"), "200 x");
  EXPECT_EQ(server.accepted(), 2);
}

TEST_F(UpstreamTest, SilentAndTricklingServersAreGivenUp) {
  options_.times.answer = milliseconds(50);
  options_.times.body = milliseconds(50);
  test::LittleServer silent(loop_, {});
  Start({"http://" + silent.address()});
  EXPECT_THAT(Get("/"), HasSubstr("no answer within 50 ms"));
  test::LittleServer trickling(
      loop_, {.answer = HttpAnswer(200, std::string(10'000, 'x')), .byte_by_byte = true});
  Start({"http://" + trickling.address()});
  EXPECT_THAT(Get("/"), HasSubstr("no answer within 50 ms"));
  options_.times.answer = milliseconds(5000);
  Start({"http://" + trickling.address()});
  EXPECT_THAT(Get("/"), HasSubstr("does not come to its end"));
}

TEST_F(UpstreamTest, ReadThatMayWaitIsGivenItsTimeAndASixteenth) {
  options_.times.answer = milliseconds(40);
  ScriptedServer server(loop_, Always(ScriptedServer::kPark));
  Start({server.Url()});
  EXPECT_THAT(Ask({.target = "/?index=1", .wait = milliseconds(160)}),
              HasSubstr("no answer within 210 ms"));
}

TEST_F(UpstreamTest, CancelledRequestClosesItsConnectionAndSaysNothing) {
  ScriptedServer server(loop_, Always(ScriptedServer::kPark));
  Start({server.Url()});
  const auto outcome = Send({.target = "/", .wait = milliseconds(60'000)});
  ASSERT_TRUE(RunUntil(loop_, [&] { return server.parked() == 1; }));
  handle_.Cancel();
  EXPECT_EQ(upstream_->pending(), 0u);
  EXPECT_TRUE(RunUntil(loop_, [&] { return server.left() == 1; }));
  EXPECT_FALSE(outcome->has_value());
  handle_.Cancel();
}

TEST_F(UpstreamTest, GoesAwayWithRequestsUnderWay) {
  ScriptedServer server(loop_, Always(ScriptedServer::kPark));
  Start({server.Url()});
  const auto outcome = Send({.target = "/"});
  const auto unsent = Send({.target = "/"});
  ASSERT_TRUE(RunUntil(loop_, [&] { return server.parked() > 0; }));
  upstream_ = nullptr;
  EXPECT_TRUE(RunUntil(loop_, [&] { return server.left() > 0; }));
  EXPECT_FALSE(outcome->has_value());
  EXPECT_FALSE(unsent->has_value());
}

TEST_F(UpstreamTest, TooManyRequestsAtOnceAreRefused) {
  options_.pool.max_waiting = 2;
  ScriptedServer server(loop_, Always(ScriptedServer::kPark));
  Start({server.Url()});
  Send({.target = "/1", .wait = milliseconds(60'000)});
  Send({.target = "/2", .wait = milliseconds(60'000)});
  EXPECT_THAT(Ask({.target = "/3", .wait = milliseconds(60'000)}),
              HasSubstr("too many requests at once"));
  // There is still room for those that do not wait.
  Send({.target = "/4"});
  EXPECT_TRUE(RunUntil(loop_, [&] { return server.CountOf("/4") == 1; }));
}

TEST_F(UpstreamTest, WhatWouldBreakOutOfTheRequestIsRefused) {
  ScriptedServer server(loop_, Always(HttpAnswer(200, "x")));
  Start({server.Url()});
  EXPECT_EQ(Get("/ HTTP/1.1\r\nX: y"), "not a request target");
  EXPECT_EQ(Get("no-slash"), "not a request target");
  EXPECT_EQ(Ask({.method = "GET /", .target = "/"}), "not a method");
  EXPECT_EQ(Ask({.target = "/", .headers = {{"X", "a\r\nY: b"}}}), "not a header field");
  EXPECT_EQ(Ask({.target = "/", .headers = {{"X:", "a"}}}), "not a header field");
  EXPECT_EQ(Ask({.target = "/", .headers = {{"X", std::string(40'000, 'a')}}}),
            "not a header field");
  EXPECT_EQ(server.requests().size(), 0u);
}

}  // namespace
}  // namespace rollcall::front
