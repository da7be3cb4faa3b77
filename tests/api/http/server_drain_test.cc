#include <gtest/gtest.h>

#include <future>

#include "tests/api/http/raw_client.h"
#include "tests/api/http/test_server.h"

namespace rollcall::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(ServerDrainTest, ParkedExchangesAreAnsweredAndIdleConnectionsClosed) {
  TestServer server;
  RawClient idle(server.port());
  idle.Send(Get("/hello"));
  ASSERT_EQ(idle.Read().status, 200);
  RawClient parked(server.port());
  parked.Send(Get("/park"));
  ASSERT_TRUE(server.AwaitParked(1));
  server.Drain(seconds(60));
  const Answer answer = parked.Read();
  EXPECT_EQ(answer.body, "drained");
  EXPECT_EQ(answer.Header("Connection"), "close");
  EXPECT_TRUE(parked.IsClosed());
  EXPECT_TRUE(idle.IsClosed());
  parked.Close();
  EXPECT_TRUE(server.AwaitDrained());
}

TEST(ServerDrainTest, RunningRequestsFinish) {
  TestServer server;
  RawClient busy(server.port());
  busy.Send(Get("/busy"));
  RawClient sending(server.port());
  sending.Send("PUT /echo/x HTTP/1.1\r\nHost: h\r\nContent-Length: 8\r\n\r\nfirs");
  // Its first part must be there, or it would count as idle.
  sending.Send("t");
  ASSERT_TRUE(server.AwaitParked(1));
  server.Drain(seconds(60));
  sending.Send("all");
  EXPECT_EQ(sending.Read().body, "firstall");
  EXPECT_TRUE(sending.IsClosed());
  server.AnswerParked("done");
  EXPECT_EQ(busy.Read().body, "done");
  busy.Close();
  sending.Close();
  EXPECT_TRUE(server.AwaitDrained());
}

TEST(ServerDrainTest, ExchangeThatParksDuringTheDrainIsAskedToAnswer) {
  TestServer server;
  RawClient client(server.port());
  const std::string request = Get("/park");
  client.Send(request.substr(0, 10));
  RawClient busy(server.port());
  busy.Send(Get("/busy"));
  ASSERT_TRUE(server.AwaitParked(1));
  server.Drain(seconds(60));
  client.Send(request.substr(10));
  EXPECT_EQ(client.Read().body, "drained");
}

TEST(ServerDrainTest, WhatDoesNotFinishIsCutAtTheDeadline) {
  TestServer server;
  RawClient busy(server.port());
  busy.Send(Get("/busy"));
  ASSERT_TRUE(server.AwaitParked(1));
  server.Drain(milliseconds(50));
  EXPECT_TRUE(server.AwaitDrained());
  EXPECT_TRUE(busy.IsClosed());
}

// Something is there to be read when the drain begins, and no request comes of it.
TEST(ServerDrainTest, ConnectionThatSendsNothingThatCountsIsIdle) {
  TestServer server;
  RawClient client(server.port());
  client.Send(Get("/hello"));
  ASSERT_EQ(client.Read().status, 200);
  std::promise<void> drained;
  server.OnWorker([&] {
    client.Send("\r\n");
    server.server().Drain(std::chrono::minutes(10), [&] { drained.set_value(); });
  });
  EXPECT_TRUE(client.IsClosed());
  client.Close();
  EXPECT_EQ(drained.get_future().wait_for(RawClient::kPatience), std::future_status::ready);
}

TEST(ServerDrainTest, NothingConnectsAnyMore) {
  TestServer server;
  server.Drain(seconds(60));
  EXPECT_TRUE(server.AwaitDrained());
  RawClient late(server.port());
  EXPECT_FALSE(late.Send(Get("/hello")));
}

}  // namespace
}  // namespace rollcall::http
