#include <gtest/gtest.h>

#include "tests/api/http/raw_client.h"
#include "tests/api/http/test_server.h"

namespace rollcall::http {
namespace {

Answer Ask(const TestServer& server, std::string_view bytes) {
  RawClient client(server.port());
  client.Send(bytes);
  return client.Read();
}

std::string Request(std::string_view method, std::string_view path) {
  return std::string(method).append(" ").append(path).append(" HTTP/1.1\r\nHost: h\r\n\r\n");
}

TEST(ServerRoutingTest, HandlerGetsDecodedParametersAndAnswers) {
  TestServer server;
  const Answer answer = Ask(server, Get("/echo/a%2Fb/c?x=1+2&passing&x=%26"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "a/b/c|x=1 2,passing=,x=&,|127.0.0.1");
  EXPECT_EQ(answer.Header("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(answer.Header("Vary"), "Accept-Encoding");
  EXPECT_EQ(answer.Header("Connection"), "<none>");
}

TEST(ServerRoutingTest, EmptyLastParameterReachesTheHandler) {
  TestServer server;
  EXPECT_EQ(Ask(server, Get("/echo/")).body, "||127.0.0.1");
}

TEST(ServerRoutingTest, UnknownPathIs404WithoutBody) {
  TestServer server;
  for (const char* method : {"GET", "PUT", "OPTIONS", "HEAD"}) {
    const Answer answer = Ask(server, Request(method, "/nothing"));
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(answer.Header("Content-Length"), "0");
    EXPECT_EQ(answer.Header("Vary"), "Accept-Encoding");
  }
}

TEST(ServerRoutingTest, WrongMethodIs405WithAllow) {
  TestServer server;
  const Answer answer = Ask(server, Request("POST", "/hello"));
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.Header("Allow"), "OPTIONS,GET");
  EXPECT_EQ(answer.Header("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(answer.body, "method POST not allowed");
  EXPECT_EQ(Ask(server, Request("BREW", "/echo/x")).body, "method BREW not allowed");
  EXPECT_EQ(Ask(server, Request("BREW", "/echo/x")).Header("Allow"), "OPTIONS,GET,PUT");
}

TEST(ServerRoutingTest, OptionsIsAnsweredFromTheTable) {
  TestServer server;
  const Answer answer = Ask(server, Request("OPTIONS", "/hello"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.Header("Allow"), "OPTIONS,GET");
  EXPECT_EQ(answer.Header("Content-Length"), "0");
}

TEST(ServerRoutingTest, HeadIsGetWithoutItsBody) {
  TestServer server;
  RawClient client(server.port());
  client.Send(Request("HEAD", "/hello") + Get("/hello"));
  const Answer head = client.ReadHead();
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.Header("Content-Length"), "5");
  EXPECT_EQ(client.Read().body, "hello");  // follows the head at once
}

TEST(ServerRoutingTest, HandlerThatThrowsCostsA500AndNothingElse) {
  TestServer server;
  RawClient client(server.port());
  for (const char* path : {"/throw", "/throw-later"}) {
    client.Send(Get(path));
    const Answer answer = client.Read();
    EXPECT_EQ(answer.status, 500) << path;
    EXPECT_EQ(answer.body, "Internal server error");
  }
  client.Send(Get("/hello"));
  EXPECT_EQ(client.Read().status, 200);
}

TEST(ServerRoutingTest, DroppedExchangeIsAnswered) {
  TestServer server;
  RawClient client(server.port());
  client.Send(Get("/drop") + Get("/hello"));
  EXPECT_EQ(client.Read().status, 500);
  EXPECT_EQ(client.Read().status, 200);
}

}  // namespace
}  // namespace rollcall::http
