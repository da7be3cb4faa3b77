#include <gtest/gtest.h>

#include "tests/api/http/raw_client.h"
#include "tests/api/http/test_server.h"

namespace rollcall::http {
namespace {

using std::chrono::milliseconds;

TEST(ServerLimitsTest, OversizedBodyIsRefusedByItsLengthBeforeItIsSent) {
  TestServer server;
  RawClient client(server.port());
  client.Send("PUT /echo/x HTTP/1.1\r\nHost: h\r\nContent-Length: 524289\r\n\r\n");
  const Answer answer = client.Read();
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.body, "Request body too large, limit: 524288 bytes");
  EXPECT_EQ(answer.Header("Connection"), "close");
  EXPECT_TRUE(client.IsClosed());
}

TEST(ServerLimitsTest, ClientThatSendsTheWholeOversizedBodyFirstCanReadTheRefusal) {
  TestServer server;
  RawClient client(server.port());
  ASSERT_TRUE(client.Send(Put("/echo/x", std::string(8 * 1024 * 1024, 'x'))));
  EXPECT_EQ(client.Read().status, 413);
  EXPECT_TRUE(client.IsClosed());
}

TEST(ServerLimitsTest, BodyAtTheLimitIsTaken) {
  TestServer server;
  RawClient client(server.port());
  const std::string body(512 * 1024, 'x');
  ASSERT_TRUE(client.Send(Put("/echo/x", body)));
  EXPECT_EQ(client.Read().body, body);
}

TEST(ServerLimitsTest, OversizedChunkedBodyIsRefusedWhileItComes) {
  TestServer server;
  RawClient client(server.port());
  client.Send("PUT /echo/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(client.Send(chunk));
  client.Send("1\r\n");
  EXPECT_EQ(client.Read().status, 413);
  EXPECT_TRUE(client.IsClosed());
}

TEST(ServerLimitsTest, OversizedHeaderIsRefused) {
  TestServer server;
  RawClient client(server.port());
  client.Send("GET /hello HTTP/1.1\r\nHost: h\r\nX: " + std::string(16 * 1024, 'x') + "\r\n\r\n");
  const Answer answer = client.Read();
  EXPECT_EQ(answer.status, 431);
  EXPECT_EQ(answer.body, "Request header too large, limit: 16384 bytes");
  EXPECT_TRUE(client.IsClosed());
}

TEST(ServerLimitsTest, OversizedUrlIsRefusedBeforeItsEnd) {
  TestServer server;
  RawClient client(server.port());
  client.Send("GET /" + std::string(16 * 1024, 'x'));
  EXPECT_EQ(client.Read().status, 431);
  EXPECT_TRUE(client.IsClosed());
}

TEST(ServerLimitsTest, OversizedTrailersAreRefused) {
  TestServer server;
  RawClient client(server.port());
  client.Send(
      "PUT /echo/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n"
      "X: " +
      std::string(17 * 1024, 'x'));
  EXPECT_EQ(client.Read().status, 431);
  EXPECT_TRUE(client.IsClosed());
}

TEST(ServerLimitsTest, SlowHeaderIsRefusedHoweverItTrickles) {
  Limits limits;
  limits.header_timeout = milliseconds(100);
  TestServer server(limits);
  RawClient client(server.port());
  client.Send("GET /hello HTTP/1.1\r\n");
  // A byte now and then does not prolong it: were it so, this would go on for ever.
  while (!client.HasInput(milliseconds(20))) client.Send("X");
  const Answer answer = client.Read();
  EXPECT_EQ(answer.status, 408);
  EXPECT_EQ(answer.body, "Request header not received in time");
  EXPECT_TRUE(client.IsClosed());
}

TEST(ServerLimitsTest, SlowBodyIsRefusedHoweverItTrickles) {
  Limits limits;
  limits.body_timeout = milliseconds(100);
  TestServer server(limits);
  RawClient client(server.port());
  client.Send("PUT /echo/x HTTP/1.1\r\nHost: h\r\nContent-Length: 500000\r\n\r\n");
  while (!client.HasInput(milliseconds(20))) client.Send("X");
  const Answer answer = client.Read();
  EXPECT_EQ(answer.status, 408);
  EXPECT_EQ(answer.body, "Request body not received in time");
}

TEST(ServerLimitsTest, IdleConnectionIsClosedWithoutAWord) {
  Limits limits;
  limits.idle_timeout = milliseconds(100);
  TestServer server(limits);
  RawClient silent(server.port());
  RawClient once(server.port());
  once.Send(Get("/hello"));
  EXPECT_EQ(once.Read().status, 200);
  EXPECT_TRUE(once.IsClosed());
  EXPECT_TRUE(silent.IsClosed());
}

TEST(ServerLimitsTest, ParkedExchangeIsNotIdle) {
  Limits limits;
  limits.idle_timeout = limits.header_timeout = limits.body_timeout = milliseconds(50);
  limits.write_timeout = limits.linger_timeout = milliseconds(50);
  TestServer server(limits);
  RawClient client(server.port());
  client.Send(Get("/park"));
  ASSERT_TRUE(server.AwaitParked(1));
  EXPECT_FALSE(client.HasInput(milliseconds(200)));
  server.AnswerParked("still here");
  EXPECT_EQ(client.Read().body, "still here");
}

TEST(ServerLimitsTest, ClientThatDoesNotReadIsDropped) {
  Limits limits;
  limits.write_timeout = milliseconds(100);
  TestServer server(limits);
  RawClient client(server.port(), 4096);
  client.Send(Get("/large"));
  // Closed although the client is still there.
  ASSERT_TRUE(client.HasInput(RawClient::kPatience));
  EXPECT_TRUE(server.AwaitConnections(0));
}

// That a client which is one too many is told so: over TLS by an alert, before any handshake.
void ExpectRefused(RawClient& client, int status, const std::string& text) {
  if (kOverTls) {
    EXPECT_FALSE(client.tls()->Handshake());
    EXPECT_EQ(client.tls()->failure(), "tlsv1 alert internal error");
    return;
  }
  client.Send(Get("/hello"));
  const Answer answer = client.Read();
  EXPECT_EQ(answer.status, status);
  EXPECT_EQ(answer.body, text);
  EXPECT_EQ(answer.Header("Retry-After"), status == 503 ? "1" : "<none>");
  EXPECT_TRUE(client.IsClosed());
}

TEST(ServerLimitsTest, ConnectionBeyondTheAddressLimitIsToldSo) {
  Limits limits;
  limits.max_connections_per_address = 2;
  TestServer server(limits);
  RawClient first(server.port());
  {
    RawClient second(server.port());
    ASSERT_TRUE(server.AwaitConnections(2));
    RawClient third(server.port());
    ExpectRefused(
        third, 429,
        "Too many connections from 127.0.0.1, limit: 2. Close idle ones and reuse the others");
    second.Send(Get("/hello"));
    EXPECT_EQ(second.Read().status, 200);
  }
  ASSERT_TRUE(server.AwaitConnections(1));
  RawClient fourth(server.port());
  fourth.Send(Get("/hello"));
  EXPECT_EQ(fourth.Read().status, 200);
}

TEST(ServerLimitsTest, ConnectionBeyondTheTotalLimitIsToldSo) {
  Limits limits;
  limits.max_connections = 1;
  TestServer server(limits);
  RawClient first(server.port());
  ASSERT_TRUE(server.AwaitConnections(1));
  RawClient second(server.port());
  ExpectRefused(second, 503, "Too many connections to this server, limit: 1. Try again later");
}

// A refused connection is a descriptor too, and its client may never close it.
TEST(ServerLimitsTest, RefusedConnectionsAreFewHoweverManyComeAndEachCanReadWhy) {
  Limits limits;
  limits.max_connections_per_address = 1;
  limits.linger_timeout = std::chrono::minutes(10);
  TestServer server(limits);
  RawClient welcome(server.port());
  ASSERT_TRUE(server.AwaitConnections(1));
  std::vector<RawClient> refused;
  for (size_t i = 0; i < 3 * Limits::kMaxRefused; ++i) refused.emplace_back(server.port());
  for (RawClient& client : refused) {
    if (kOverTls) {
      EXPECT_FALSE(client.tls()->Handshake());
      EXPECT_EQ(client.tls()->failure(), "tlsv1 alert internal error");
    } else {
      EXPECT_EQ(client.Read().status, 429);
    }
  }
  EXPECT_TRUE(server.AwaitConnections(1 + Limits::kMaxRefused));
  welcome.Send(Get("/hello"));
  EXPECT_EQ(welcome.Read().body, "hello");
}

TEST(ServerLimitsTest, TimeLimitOfZeroIsNone) {
  Limits limits;
  limits.header_timeout = limits.body_timeout = limits.idle_timeout = milliseconds(0);
  limits.write_timeout = milliseconds(0);
  TestServer server(limits);
  RawClient client(server.port());
  EXPECT_FALSE(client.HasInput(milliseconds(30)));
  client.Send("PUT /echo/x HTTP/1.1\r\n");
  EXPECT_FALSE(client.HasInput(milliseconds(30)));
  client.Send("Host: h\r\nContent-Length: 2\r\n\r\n");
  EXPECT_FALSE(client.HasInput(milliseconds(30)));
  client.Send("ok");
  EXPECT_EQ(client.Read().body, "ok");
}

TEST(ServerLimitsTest, ManyIdleConnectionsDoNotDelayAnswers) {
  TestServer server;
  // Fewer over TLS: they are to be there before the first one has been idle for too long.
  constexpr size_t kIdle = kOverTls ? 500 : 2000;
  std::vector<RawClient> idle;
  for (size_t i = 0; i < kIdle; ++i) {
    idle.emplace_back(server.port());
    if (kOverTls) ASSERT_TRUE(idle.back().tls()->Handshake());
    // Half of them have been used before.
    if (i % 2 == 0) continue;
    idle.back().Send(Get("/hello"));
    ASSERT_EQ(idle.back().Read().status, 200);
  }
  ASSERT_TRUE(server.AwaitConnections(kIdle));
  RawClient client(server.port());
  client.Send(Get("/hello"));
  EXPECT_EQ(client.Read().body, "hello");
  idle.clear();
  client.Close();
  EXPECT_TRUE(server.AwaitConnections(0));
}

}  // namespace
}  // namespace rollcall::http
