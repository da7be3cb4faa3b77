#include <gtest/gtest.h>

#include <future>

#include "tests/api/http/raw_client.h"
#include "tests/api/http/test_server.h"

namespace rollcall::http {
namespace {

TEST(ServerParkingTest, ParkedExchangeIsAnsweredFromAnotherThread) {
  TestServer server;
  RawClient client(server.port());
  for (size_t i = 1; i <= 3; ++i) {
    client.Send(Get("/park"));
    ASSERT_TRUE(server.AwaitParked(i));
    server.AnswerParked("answer " + std::to_string(i));
    EXPECT_EQ(client.Read().body, "answer " + std::to_string(i));
  }
}

TEST(ServerParkingTest, WorkerServesOthersWhileExchangesAreParked) {
  TestServer server;
  std::vector<RawClient> parked;
  for (int i = 0; i < 500; ++i) {
    parked.emplace_back(server.port());
    parked.back().Send(Get("/park"));
  }
  ASSERT_TRUE(server.AwaitParked(500));
  RawClient client(server.port());
  client.Send(Get("/hello"));
  EXPECT_EQ(client.Read().body, "hello");
  for (size_t i = 0; i < parked.size(); ++i) server.AnswerParked("go");
  for (RawClient& waiting : parked) EXPECT_EQ(waiting.Read().body, "go");
}

TEST(ServerParkingTest, ClientThatGoesAwayIsNoticedAtOnce) {
  TestServer server;
  RawClient polite(server.port());
  polite.Send(Get("/park"));
  ASSERT_TRUE(server.AwaitParked(1));
  polite.Close();
  EXPECT_TRUE(server.AwaitClosed(1));

  RawClient rude(server.port());
  rude.Send(Get("/park"));
  ASSERT_TRUE(server.AwaitParked(2));
  rude.Reset();
  EXPECT_TRUE(server.AwaitClosed(2));
  EXPECT_TRUE(server.AwaitConnections(0));
}

TEST(ServerParkingTest, PipelinedBytesAreNotAClose) {
  TestServer server;
  RawClient client(server.port());
  client.Send(Get("/park"));
  ASSERT_TRUE(server.AwaitParked(1));
  client.Send("GET /hel");
  client.Send("lo HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_FALSE(client.HasInput(std::chrono::milliseconds(50)));
  server.AnswerParked("parked");
  EXPECT_EQ(client.Read().body, "parked");
  EXPECT_EQ(client.Read().body, "hello");
  // And a close behind them is still one.
  client.Send(Get("/park") + Get("/hello"));
  ASSERT_TRUE(server.AwaitParked(2));
  client.Close();
  EXPECT_TRUE(server.AwaitClosed(1));
}

TEST(ServerParkingTest, FloodBehindAParkedExchangeIsLeftInTheSocketAndStillServed) {
  TestServer server;
  RawClient client(server.port());
  client.Send(Get("/park"));
  ASSERT_TRUE(server.AwaitParked(1));
  std::string flood;
  constexpr int kRequests = 6000;
  for (int i = 0; i < kRequests; ++i) flood += Put("/echo/x", std::to_string(i));
  // Joined on every way out, or a failure would end the process before it is reported.
  std::future<bool> sent = std::async(std::launch::async, [&] { return client.Send(flood); });
  server.AnswerParked("parked");
  EXPECT_EQ(client.Read().body, "parked");
  for (int i = 0; i < kRequests; ++i) {
    const Answer answer = client.Read();
    ASSERT_EQ(answer.body, std::to_string(i))
        << answer.head << " " << (client.tls() == nullptr ? "" : client.tls()->failure());
  }
  EXPECT_TRUE(sent.get());
}

TEST(ServerParkingTest, AnswerAfterTheClientHasGoneIsIgnored) {
  TestServer server;
  RawClient client(server.port());
  client.Send(Get("/busy"));
  ASSERT_TRUE(server.AwaitParked(1));
  client.Reset();
  server.AnswerParked("to nobody");
  EXPECT_TRUE(server.AwaitConnections(0));
}

TEST(ServerParkingTest, DestroyedServerClosesParkedConnections) {
  auto server = std::make_unique<TestServer>();
  RawClient client(server->port());
  client.Send(Get("/park"));
  ASSERT_TRUE(server->AwaitParked(1));
  server.reset();
  EXPECT_TRUE(client.IsClosed());
}

}  // namespace
}  // namespace rollcall::http
