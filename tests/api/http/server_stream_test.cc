#include <gtest/gtest.h>

#include "tests/api/http/raw_client.h"
#include "tests/api/http/test_server.h"

namespace rollcall::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A client that has asked for a stream and read the head of the answer.
struct Listener {
  explicit Listener(TestServer& server, size_t number = 1) : client(server.port()) {
    client.Send(Get("/stream"));
    EXPECT_TRUE(server.AwaitStreams(number));
    head = client.ReadHead();
  }
  RawClient client;
  Answer head;
};

TEST(ServerStreamTest, PartsArriveAsTheyAreWrittenAndTheConnectionGoesOn) {
  TestServer server;
  Listener listener(server);
  EXPECT_EQ(listener.head.status, 200);
  EXPECT_EQ(listener.head.Header("Transfer-Encoding"), "chunked");
  EXPECT_EQ(listener.head.Header("Content-Length"), "<none>");
  EXPECT_TRUE(server.WriteStream("first"));
  EXPECT_EQ(listener.client.ReadChunk(), "first");
  EXPECT_TRUE(server.WriteStream(""));  // not the end
  EXPECT_TRUE(server.WriteStream(std::string(100000, 'x')));
  EXPECT_EQ(listener.client.ReadChunk(), std::string(100000, 'x'));
  listener.client.Send(Get("/hello"));  // waits for its turn
  EXPECT_FALSE(listener.client.HasInput(milliseconds(50)));
  server.EndStream();
  EXPECT_EQ(listener.client.ReadChunk(), "");
  EXPECT_EQ(listener.client.Read().body, "hello");
}

TEST(ServerStreamTest, OldProtocolReadsUntilTheConnectionCloses) {
  TestServer server;
  RawClient client(server.port());
  client.Send("GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  ASSERT_TRUE(server.AwaitStreams(1));
  const Answer head = client.ReadHead();
  EXPECT_EQ(head.Header("Transfer-Encoding"), "<none>");
  EXPECT_EQ(head.Header("Connection"), "close");
  server.WriteStream("one,");
  server.WriteStream("two");
  server.EndStream();
  EXPECT_EQ(client.ReadAll(), "one,two");
}

TEST(ServerStreamTest, HeadIsAnsweredWithTheHeaderAlone) {
  TestServer server;
  RawClient client(server.port());
  client.Send("HEAD /stream HTTP/1.1\r\nHost: h\r\n\r\n" + Get("/hello"));
  EXPECT_EQ(client.ReadHead().Header("Transfer-Encoding"), "chunked");
  EXPECT_EQ(client.Read().body, "hello");
  EXPECT_TRUE(server.AwaitStreamsClosed(1));
  EXPECT_FALSE(server.WriteStream("to nobody"));
}

TEST(ServerStreamTest, ClientThatGoesAwayIsNoticedAtOnce) {
  TestServer server;
  Listener polite(server);
  polite.client.Close();
  EXPECT_TRUE(server.AwaitStreamsClosed(1));
  EXPECT_FALSE(server.WriteStream("to nobody"));
  Listener rude(server, 2);
  rude.client.Reset();
  EXPECT_TRUE(server.AwaitStreamsClosed(2));
  EXPECT_TRUE(server.AwaitConnections(0));
}

TEST(ServerStreamTest, ClientThatGoesAwayIsNoticedThoughItHasNotReadAll) {
  Limits limits;
  limits.max_stream_bytes = 100'000'000;
  TestServer server(limits);
  Listener listener(server);
  server.WriteStream(std::string(TestServer::kLarge, 'x'));
  ASSERT_GT(server.QueuedInStream(), 0u);
  listener.client.CloseSending();
  EXPECT_TRUE(server.AwaitStreamsClosed(1));
  EXPECT_TRUE(server.AwaitConnections(0));
}

TEST(ServerStreamTest, ClientThatDoesNotReadIsCutOffWhenTooMuchIsQueued) {
  Limits limits;
  limits.max_stream_bytes = 100000;
  TestServer server(limits);
  RawClient client(server.port(), 4096);
  client.Send(Get("/stream"));
  ASSERT_TRUE(server.AwaitStreams(1));
  size_t written = 0;
  while (server.WriteStream(std::string(10000, 'x'))) {
    written += 10000;
    ASSERT_LE(server.QueuedInStream(), 110000u);
    ASSERT_LT(written, 100'000'000u) << "nothing ends it";
  }
  EXPECT_GE(written, 100000u);
  EXPECT_TRUE(server.AwaitStreamsClosed(1));
  EXPECT_TRUE(server.AwaitConnections(0));
  RawClient other(server.port());
  other.Send(Get("/hello"));
  EXPECT_EQ(other.Read().body, "hello");
}

TEST(ServerStreamTest, ClientThatDoesNotReadIsCutOffInTime) {
  Limits limits;
  limits.write_timeout = milliseconds(100);
  limits.max_stream_bytes = 100'000'000;
  TestServer server(limits);
  RawClient client(server.port(), 4096);
  client.Send(Get("/stream"));
  ASSERT_TRUE(server.AwaitStreams(1));
  server.WriteStream(std::string(TestServer::kLarge, 'x'));
  EXPECT_TRUE(server.AwaitStreamsClosed(1));
  EXPECT_TRUE(server.AwaitConnections(0));
}

TEST(ServerStreamTest, StreamWithNothingToSayIsNotIdle) {
  Limits limits;
  limits.idle_timeout = limits.header_timeout = limits.write_timeout = milliseconds(50);
  TestServer server(limits);
  Listener listener(server);
  EXPECT_FALSE(listener.client.HasInput(milliseconds(200)));
  server.WriteStream("still here");
  EXPECT_EQ(listener.client.ReadChunk(), "still here");
}

TEST(ServerStreamTest, WhatIsQueuedArrivesAfterTheEndThoughItsWriterHasGone) {
  Limits limits;
  limits.max_stream_bytes = 100'000'000;
  TestServer server(limits);
  Listener listener(server);
  EXPECT_TRUE(server.WriteStream(std::string(TestServer::kLarge, 'x')));
  server.EndStream();
  EXPECT_EQ(listener.client.ReadChunk(), std::string(TestServer::kLarge, 'x'));
  EXPECT_EQ(listener.client.ReadChunk(), "");
  listener.client.Send(Get("/hello"));
  EXPECT_EQ(listener.client.Read().body, "hello");
}

TEST(ServerStreamTest, WriterIsToldWhenNothingIsQueuedAnyMore) {
  Limits limits;
  limits.max_stream_bytes = 100'000'000;
  TestServer server(limits);
  Listener listener(server);
  server.CallWhenSent();  // nothing is queued
  EXPECT_TRUE(server.AwaitSent(1));
  server.WriteStream(std::string(TestServer::kLarge, 'x'));
  server.CallWhenSent();
  EXPECT_GT(server.QueuedInStream(), 0u);
  EXPECT_FALSE(server.HasSent(2));
  EXPECT_EQ(listener.client.ReadChunk(), std::string(TestServer::kLarge, 'x'));
  EXPECT_TRUE(server.AwaitSent(2));
  EXPECT_EQ(server.QueuedInStream(), 0u);
  server.WriteStream("more");
  EXPECT_EQ(listener.client.ReadChunk(), "more");
  EXPECT_FALSE(server.HasSent(3));  // once each
}

TEST(ServerStreamTest, WriterThatWaitsForRoomIsLetGoWhenTheClientGoes) {
  Limits limits;
  limits.max_stream_bytes = 100'000'000;
  TestServer server(limits);
  Listener listener(server);
  server.WriteStream(std::string(TestServer::kLarge, 'x'));
  auto held = std::make_shared<int>();
  server.CallWhenSent(held);
  EXPECT_EQ(held.use_count(), 2);
  listener.client.Reset();
  EXPECT_TRUE(server.AwaitStreamsClosed(1));
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_FALSE(server.HasSent(1));
}

TEST(ServerStreamTest, StreamThatIsDroppedIsCutSoThatItsClientSeesThatAPartIsMissing) {
  TestServer server;
  Listener listener(server);
  server.WriteStream("a part");
  EXPECT_EQ(listener.client.ReadChunk(), "a part");
  server.DropStream();
  EXPECT_EQ(listener.client.ReadChunk(), "<none>");
  EXPECT_TRUE(server.AwaitConnections(0));
}

TEST(ServerStreamTest, DrainCompletesTheAnswerAndTellsTheWriter) {
  TestServer server;
  Listener listener(server);
  server.WriteStream("before");
  server.Drain(seconds(60));
  EXPECT_TRUE(server.AwaitStreamsClosed(1));
  EXPECT_FALSE(server.WriteStream("after"));
  EXPECT_EQ(listener.client.ReadChunk(), "before");
  EXPECT_EQ(listener.client.ReadChunk(), "");
  EXPECT_TRUE(listener.client.IsClosed());
  listener.client.Close();
  EXPECT_TRUE(server.AwaitDrained());
}

TEST(ServerStreamTest, StreamThatBeginsDuringTheDrainIsEndedToo) {
  TestServer server;
  RawClient client(server.port());
  const std::string request = Get("/stream");
  client.Send(request.substr(0, 10));
  RawClient busy(server.port());
  busy.Send(Get("/busy"));
  ASSERT_TRUE(server.AwaitParked(1));
  server.Drain(seconds(60));
  client.Send(request.substr(10));
  EXPECT_EQ(client.ReadHead().status, 200);
  EXPECT_EQ(client.ReadChunk(), "");
  EXPECT_TRUE(server.AwaitStreamsClosed(1));
}

TEST(ServerStreamTest, DestroyedServerClosesTheStream) {
  auto server = std::make_unique<TestServer>();
  Listener listener(*server);
  server.reset();
  EXPECT_EQ(listener.client.ReadChunk(), "<none>");
}

}  // namespace
}  // namespace rollcall::http
