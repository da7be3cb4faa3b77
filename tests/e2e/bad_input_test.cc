// What no proper client would send, over real sockets to the real server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <random>

#include "tests/e2e/harness/dig.h"
#include "tests/e2e/harness/eventually.h"
#include "tests/e2e/harness/programs.h"
#include "tests/e2e/harness/raw_socket.h"

namespace rollcall::e2e {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::StartsWith;

class BadInputTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(server_.Start());
    ASSERT_TRUE(server_
                    .Put("/v1/catalog/register", {{"Node", "host"},
                                                  {"Address", "10.0.0.1"},
                                                  {"Service", {{"Service", "web"}, {"Port", 80}}}})
                    .ok());
    ExpectGoodAnswers();
    open_files_ = OpenFiles();
  }

  size_t OpenFiles() {
    const std::string path = "/proc/" + std::to_string(server_.process().pid()) + "/fd";
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(path),
                                             std::filesystem::directory_iterator()));
  }

  void ExpectGoodAnswers() {
    EXPECT_EQ(server_.PassingInstances("web").size(), 1u);
    EXPECT_EQ(Dig(server_.dns_port(), "web.service.consul", "A").answers.size(), 1u);
    EXPECT_EQ(Dig(server_.dns_port(), "web.service.consul", "A", {"+tcp"}).answers.size(), 1u);
  }

  // Everything that a test opened is closed again, and the server has not restarted or died.
  void ExpectUnharmed() {
    ExpectGoodAnswers();
    EXPECT_TRUE(server_.process().Running());
    EXPECT_TRUE(Eventually([&] { return OpenFiles() <= open_files_; }, seconds(15)))
        << OpenFiles() << " files open, before " << open_files_;
  }

  std::string RandomBytes(size_t size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random_());
    return bytes;
  }
  size_t RandomSize(size_t limit) { return random_() % limit; }

  Server server_;
  size_t open_files_ = 0;
  std::mt19937 random_{7};  // NOLINT: the same bytes in each run
};

TEST_F(BadInputTest, MalformedJsonIsAnErrorThatSaysSo) {
  for (const char* path : {"/v1/catalog/register", "/v1/catalog/deregister",
                           "/v1/agent/service/register", "/v1/agent/check/update/x"}) {
    for (const std::string& body :
         {std::string("{"), std::string("{\"Node\": 1"), std::string("nonsense"),
          std::string("{\"Node\": [1,]}"), std::string(100'000, '[')}) {
      const Reply reply = Http(server_.http_port()).Put(path, body);
      EXPECT_EQ(reply.status, 400) << path << " " << body.substr(0, 40);
      EXPECT_THAT(reply.body, StartsWith("Request decode failed: ")) << path;
    }
  }
  ExpectUnharmed();
}

TEST_F(BadInputTest, ABodyOverTheLimitIsRefusedAndOneAtTheLimitIsRead) {
  const size_t limit = size_t{512} * 1024;
  const std::string path = "/v1/catalog/register";
  EXPECT_EQ(Http(server_.http_port()).Put(path, std::string(limit + 1, ' ')).status, 413);
  EXPECT_EQ(Http(server_.http_port()).Put(path, std::string(8 * limit, ' ')).status, 413);
  std::string body = R"({"Node": "big", "Address": "10.0.0.9"})";
  body.resize(limit, ' ');
  EXPECT_EQ(Http(server_.http_port()).Put(path, body).status, 200);
  ExpectUnharmed();
}

TEST_F(BadInputTest, SlowLorisConnectionsStopNobodyAndAreClosed) {
  std::vector<RawSocket> slow;
  for (int i = 0; i < 200; ++i) {
    slow.emplace_back(RawSocket::Kind::kTcp, server_.http_port());
    ASSERT_TRUE(slow.back().Send("GET /v1/catalog/services HTTP/1.1\r\nHost: x\r\nX-Slow: "));
  }
  const auto start = std::chrono::steady_clock::now();
  // A byte of a header now and then does not keep a connection open.
  while (std::chrono::steady_clock::now() - start < seconds(8)) {
    for (RawSocket& each : slow) static_cast<void>(each.Send("a"));
    ExpectGoodAnswers();
  }
  for (RawSocket& each : slow) EXPECT_TRUE(each.ClosedWithin(seconds(10)));
  slow.clear();
  ExpectUnharmed();
}

TEST_F(BadInputTest, RandomBytesToHttp) {
  for (int i = 0; i < 100; ++i) {
    RawSocket socket(RawSocket::Kind::kTcp, server_.http_port());
    static_cast<void>(socket.Send(RandomBytes(1 + RandomSize(5000)) + "\r\n\r\n"));
    const std::string answer = socket.Receive(milliseconds(20));
    if (!answer.empty()) {
      EXPECT_THAT(answer, StartsWith("HTTP/1.1 4"));
    }
  }
  ExpectUnharmed();
}

TEST_F(BadInputTest, BrokenRequestLinesAndHeadersAreAnsweredWithAnError) {
  const struct {
    std::string request;
    const char* status;
  } cases[] = {
      {"NONSENSE\r\n\r\n", "HTTP/1.1 400"},
      {"GET /v1/status/leader HTTP/9.9\r\nHost: x\r\n\r\n", "HTTP/1.1 "},
      {"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 4"},
      {"PUT /v1/catalog/register HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 4"},
      {"PUT /v1/catalog/register HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
       "Content-Length: 2\r\n\r\nab",
       "HTTP/1.1 4"},
      {"PUT /v1/catalog/register HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
       "HTTP/1.1 4"},
      {"GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(65536, 'a') + "\r\n\r\n", "HTTP/1.1 431"},
  };
  for (const auto& each : cases) {
    RawSocket socket(RawSocket::Kind::kTcp, server_.http_port());
    static_cast<void>(socket.Send(each.request));
    EXPECT_THAT(socket.Receive(seconds(1)), StartsWith(each.status)) << each.request.substr(0, 80);
  }
  ExpectUnharmed();
}

TEST_F(BadInputTest, RandomBytesToDnsOverUdp) {
  RawSocket socket(RawSocket::Kind::kUdp, server_.dns_port());
  for (int i = 0; i < 3000; ++i) static_cast<void>(socket.Send(RandomBytes(RandomSize(600))));
  // A proper header in front of random bytes gets further into the parser.
  for (int i = 0; i < 3000; ++i) {
    static_cast<void>(
        socket.Send(std::string("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 12) +
                    RandomBytes(RandomSize(300))));
  }
  ExpectUnharmed();
}

TEST_F(BadInputTest, RandomBytesToDnsOverTcp) {
  std::vector<RawSocket> kept;
  for (int i = 0; i < 100; ++i) {
    RawSocket socket(RawSocket::Kind::kTcp, server_.dns_port());
    static_cast<void>(socket.Send(RandomBytes(1 + RandomSize(2000))));
    // Some wait for the rest of a message that never comes.
    if (i % 2 == 0) kept.push_back(std::move(socket));
  }
  ExpectGoodAnswers();
  kept.clear();
  ExpectUnharmed();
}

}  // namespace
}  // namespace rollcall::e2e
