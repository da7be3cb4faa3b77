// Who watches answers is told of each, whoever gives it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/http/raw_client.h"
#include "tests/api/http/test_server.h"

namespace rollcall::http {
namespace {

using testing::ElementsAre;

Answer AskFor(const TestServer& server, std::string_view path) {
  RawClient client(server.port());
  client.Send(Get(path));
  return client.Read();
}

TEST(ServerAnswerHookTest, IsToldOfEachAnswerBeforeItGoesOut) {
  TestServer server;
  EXPECT_EQ(AskFor(server, "/hello?token=x").status, 200);
  EXPECT_THAT(server.Told(), ElementsAre("/hello 200"));
  RawClient client(server.port());
  client.Send(Get("/echo/a") + Get("/echo/b"));
  EXPECT_EQ(client.Read().status, 200);
  EXPECT_EQ(client.Read().status, 200);
  EXPECT_THAT(server.Told(), ElementsAre("/hello 200", "/echo/a 200", "/echo/b 200"));
}

TEST(ServerAnswerHookTest, IsToldOfWhatAHandlerDidNotAnswer) {
  TestServer server;
  EXPECT_EQ(AskFor(server, "/throw").status, 500);
  EXPECT_EQ(AskFor(server, "/throw-later").status, 500);
  EXPECT_EQ(AskFor(server, "/drop").status, 500);
  EXPECT_THAT(server.Told(), ElementsAre("/throw 500", "/throw-later 500", "/drop none"));
}

TEST(ServerAnswerHookTest, IsToldOfAnAnswerThatNobodyGetsAnyMore) {
  TestServer server;
  {
    RawClient client(server.port());
    client.Send(Get("/busy"));
    ASSERT_TRUE(server.AwaitParked(1));
  }
  ASSERT_TRUE(server.AwaitConnections(1));  // without a hook nobody notices that it has gone
  server.AnswerParked("late");
  server.OnWorker([] {});
  EXPECT_THAT(server.Told(), ElementsAre("/busy 200"));
}

TEST(ServerAnswerHookTest, IsToldOfTheHeadOfAStream) {
  TestServer server;
  RawClient client(server.port());
  client.Send(Get("/stream"));
  ASSERT_TRUE(server.AwaitStreams(1));
  EXPECT_THAT(server.Told(), ElementsAre("/stream 200"));
  server.EndStream();
  EXPECT_EQ(client.Read().status, 200);
  EXPECT_EQ(server.Told().size(), 1u);
}

}  // namespace
}  // namespace rollcall::http
