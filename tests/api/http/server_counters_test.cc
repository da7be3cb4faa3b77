#include <gtest/gtest.h>

#include "tests/api/http/raw_client.h"
#include "tests/api/http/test_server.h"

namespace rollcall::http {
namespace {

uint64_t Timed(const Counters& counters) {
  uint64_t sum = 0;
  for (size_t i = 0; i < LatencyHistogram::kBuckets; ++i) sum += counters.latency.count(i);
  return sum;
}

// An answer is counted when it goes out, so what a client has read is counted.
TEST(ServerCountersTest, AnswersAreCountedByTheClassOfTheirStatus) {
  TestServer server;
  const Counters& counters = server.server().counters();
  RawClient client(server.port());
  for (const char* path : {"/hello", "/hello", "/nothing", "/throw"}) {
    client.Send("GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_NE(client.Read().status, 0);
  }
  EXPECT_EQ(counters.answers[2].value(), 2u);
  EXPECT_EQ(counters.answers[4].value(), 1u);
  EXPECT_EQ(counters.answers[5].value(), 1u);
  EXPECT_EQ(Timed(counters), 4u);
  EXPECT_GT(counters.latency.sum().count(), 0);
}

TEST(ServerCountersTest, WhatIsNoRequestIsCountedAndNotTimed) {
  TestServer server;
  RawClient client(server.port());
  client.Send("NONSENSE\r\n\r\n");
  EXPECT_EQ(client.Read().status, 400);
  EXPECT_EQ(server.server().counters().answers[4].value(), 1u);
  EXPECT_EQ(Timed(server.server().counters()), 0u);
}

TEST(ServerCountersTest, AnExchangeThatWaitsIsCountedAndNotTimed) {
  TestServer server;
  RawClient client(server.port());
  client.Send("GET /park HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(server.AwaitParked(1));
  server.AnswerParked("now");
  EXPECT_EQ(client.Read().body, "now");
  EXPECT_EQ(server.server().counters().answers[2].value(), 1u);
  EXPECT_EQ(Timed(server.server().counters()), 0u);
  // The next one on the same connection is timed again.
  client.Send("GET /hello HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.Read().status, 200);
  EXPECT_EQ(Timed(server.server().counters()), 1u);
}

}  // namespace
}  // namespace rollcall::http
