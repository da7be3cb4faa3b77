#include <gtest/gtest.h>

#include <random>
#include <thread>

#include "tests/api/http/raw_client.h"
#include "tests/api/http/test_server.h"

namespace rollcall::http {
namespace {

TEST(ServerProtocolTest, ConnectionIsKeptAlive) {
  TestServer server;
  RawClient client(server.port());
  for (int i = 0; i < 3; ++i) {
    client.Send(Put("/echo/x", "body " + std::to_string(i)));
    EXPECT_EQ(client.Read().body, "body " + std::to_string(i));
  }
}

TEST(ServerProtocolTest, PipelinedRequestsAreAnsweredInOrder) {
  TestServer server;
  RawClient client(server.port());
  std::string burst;
  for (int i = 0; i < 500; ++i) burst += Put("/echo/x", std::to_string(i));
  ASSERT_TRUE(client.Send(burst));
  for (int i = 0; i < 500; ++i) ASSERT_EQ(client.Read().body, std::to_string(i));
}

TEST(ServerProtocolTest, RequestsBehindAnUnansweredOneWaitForIt) {
  TestServer server;
  RawClient client(server.port());
  client.Send(Get("/park") + Get("/hello"));
  ASSERT_TRUE(server.AwaitParked(1));
  client.Send(Put("/echo/x", "third"));
  EXPECT_FALSE(client.HasInput(std::chrono::milliseconds(50)));
  server.AnswerParked("first");
  EXPECT_EQ(client.Read().body, "first");
  EXPECT_EQ(client.Read().body, "hello");
  EXPECT_EQ(client.Read().body, "third");
}

TEST(ServerProtocolTest, RequestMayComeByteByByte) {
  TestServer server;
  RawClient client(server.port());
  for (const char c : Put("/echo/x", "slow")) ASSERT_TRUE(client.Send({&c, 1}));
  EXPECT_EQ(client.Read().body, "slow");
}

TEST(ServerProtocolTest, EmptyLinesBetweenRequestsAreIgnored) {
  TestServer server;
  RawClient client(server.port());
  client.Send("\r\n" + Get("/hello") + "\r\n\r\n" + Get("/hello"));
  EXPECT_EQ(client.Read().status, 200);
  EXPECT_EQ(client.Read().status, 200);
}

TEST(ServerProtocolTest, ChunkedBodyIsReadAndTheNextRequestFound) {
  TestServer server;
  RawClient client(server.port());
  client.Send(
      "PUT /echo/x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n" +
      Get("/hello"));
  EXPECT_EQ(client.Read().body, "abcdefg");
  EXPECT_EQ(client.Read().body, "hello");
}

TEST(ServerProtocolTest, BodyIsAskedForWhenTheClientExpectsThat) {
  TestServer server;
  RawClient client(server.port());
  client.Send(
      "PUT /echo/x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  const Answer interim = client.ReadHead();
  EXPECT_EQ(interim.status, 100);
  client.Send("body");
  const Answer answer = client.Read();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "body");
}

TEST(ServerProtocolTest, BodyThatIsTooLargeIsNotAskedFor) {
  TestServer server;
  RawClient client(server.port());
  client.Send(
      "PUT /echo/x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
      "Content-Length: 100000000\r\n\r\n");
  EXPECT_EQ(client.Read().status, 413);
}

TEST(ServerProtocolTest, OldProtocolIsClosedUnlessKeptAlive) {
  TestServer server;
  RawClient client(server.port());
  client.Send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const Answer kept = client.Read();
  EXPECT_EQ(kept.status, 200);
  EXPECT_EQ(kept.Header("Connection"), "keep-alive");
  client.Send("GET /hello HTTP/1.0\r\n\r\n");
  const Answer last = client.Read();
  EXPECT_EQ(last.body, "hello");
  EXPECT_EQ(last.Header("Connection"), "close");
  EXPECT_TRUE(client.IsClosed());
}

TEST(ServerProtocolTest, ConnectionCloseIsObeyed) {
  TestServer server;
  RawClient client(server.port());
  client.Send("GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n" + Get("/hello"));
  EXPECT_EQ(client.Read().Header("Connection"), "close");
  EXPECT_TRUE(client.IsClosed());  // what came behind is not answered
  client.Close();
  EXPECT_TRUE(server.AwaitConnections(0));
}

TEST(ServerProtocolTest, ClientThatClosesItsSendingSideStillGetsItsAnswer) {
  TestServer server;
  RawClient prompt(server.port());
  prompt.Send(Get("/hello"));
  prompt.CloseSending();
  EXPECT_EQ(prompt.Read().body, "hello");
  RawClient patient(server.port());
  patient.Send(Get("/busy"));
  patient.CloseSending();
  ASSERT_TRUE(server.AwaitParked(1));
  server.AnswerParked("late");
  EXPECT_EQ(patient.Read().body, "late");
  EXPECT_TRUE(server.AwaitConnections(0));
}

TEST(ServerProtocolTest, MalformedRequestIsRefusedInOneLineAndTheConnectionEnds) {
  using namespace std::string_view_literals;
  TestServer server;
  for (const std::string_view bytes :
       {"GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n"sv, "GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n"sv,
        "nonsense\r\n\r\n"sv, "\x16\x03\x01\x00\xff"sv, "GET / HTTP/1.1\nHost: h\n\n"sv}) {
    RawClient client(server.port());
    client.Send(bytes);
    const Answer answer = client.Read();
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.Header("Connection"), "close");
    EXPECT_TRUE(answer.body.starts_with("Malformed request: ")) << answer.body;
    EXPECT_EQ(answer.body.find('\n'), std::string::npos);
    EXPECT_TRUE(client.IsClosed());
  }
}

TEST(ServerProtocolTest, BodyOfAnySizeArrivesWhole) {
  TestServer server;
  RawClient client(server.port());
  for (const size_t size :
       {size_t{1}, size_t{4096}, size_t{4097}, size_t{65536}, size_t{300'000}}) {
    const std::string body(size, 'b');
    client.Send("PUT /echo/x HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(size) +
                "\r\n\r\n" + body);
    EXPECT_TRUE(client.Read().body == body) << size;
  }
}

TEST(ServerProtocolTest, SmallAnswersToAClientOfLittleRoomAllArrive) {
  constexpr int kRequests = 20'000;
  TestServer server;
  RawClient client(server.port(), 4096);
  std::string burst;
  for (int i = 0; i < kRequests; ++i) burst += Get("/echo/" + std::to_string(i));
  std::thread sender([&] { client.Send(burst); });
  for (int i = 0; i < kRequests; ++i) {
    ASSERT_EQ(client.Read().body, std::to_string(i) + "||127.0.0.1");
  }
  sender.join();
}

TEST(ServerProtocolTest, LargeSharedBodyArrivesWhole) {
  TestServer server;
  RawClient client(server.port());
  client.Send(Get("/large") + Get("/hello"));
  const Answer answer = client.Read();
  EXPECT_EQ(answer.body.size(), TestServer::kLarge);
  EXPECT_EQ(answer.body.find_first_not_of('x'), std::string::npos);
  EXPECT_EQ(client.Read().body, "hello");
}

// The kernel sends it from a file, which raises SIGPIPE where sendmsg would not.
TEST(ServerProtocolTest, ClientsThatLeaveInTheMiddleOfALargeBodyHarmNobody) {
  TestServer server;
  for (int i = 0; i < 20; ++i) {
    RawClient client(server.port());
    client.Send(Get("/large"));
  }
  RawClient client(server.port());
  client.Send("HEAD /large HTTP/1.1\r\nHost: x\r\n\r\n" + Get("/large"));
  EXPECT_EQ(client.ReadHead().status, 200);
  EXPECT_EQ(client.Read().body.size(), TestServer::kLarge);
}

TEST(ServerProtocolTest, RandomBytesNeitherStopNorCrashTheWorker) {
  TestServer server;
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    RawClient client(server.port());
    std::string bytes = round % 3 == 0 ? Get("/echo/x") : "";
    for (size_t n = random() % 400; n > 0; --n) {
      bytes.push_back(static_cast<char>(random() % (round % 2 == 0 ? 256 : 128)));
    }
    client.Send(bytes);
    if (round % 5 == 0) {
      client.Reset();
    } else {
      client.CloseSending();
      client.ReadAll();
    }
  }
  RawClient client(server.port());
  client.Send(Get("/hello"));
  EXPECT_EQ(client.Read().body, "hello");
  client.Close();
  EXPECT_TRUE(server.AwaitConnections(0));
}

}  // namespace
}  // namespace rollcall::http
