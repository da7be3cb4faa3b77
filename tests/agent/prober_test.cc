#include "agent/probe/prober.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "registry/model/definition.h"
#include "tests/agent/little_server.h"
#include "tests/agent/prober_fixture.h"

namespace rollcall::probe {
namespace {

using model::CheckStatus;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::LittleServer;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string HttpAnswer(const std::string& status, const std::string& body = "") {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

class ProberTest : public ProberFixture {
 protected:
  static model::CheckRun Http(const LittleServer& server) {
    model::CheckRun definition = RunOf(model::CheckKind::kHttp);
    definition.http = "http://" + server.address() + "/health";
    return definition;
  }

  static model::CheckRun Tcp(const std::string& target) {
    model::CheckRun definition = RunOf(model::CheckKind::kTcp);
    definition.tcp = target;
    return definition;
  }

  static std::string ClosedPort() {
    boost::asio::io_context loop;
    boost::asio::ip::tcp::acceptor acceptor(loop, {boost::asio::ip::make_address("127.0.0.1"), 0});
    return "127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
  }
};

TEST_F(ProberTest, HttpStatusDecides) {
  const struct {
    const char* status;
    CheckStatus expected;
  } table[] = {
      {"200 OK", CheckStatus::kPassing},
      {"204 No Content", CheckStatus::kPassing},
      {"299 Fine", CheckStatus::kPassing},
      {"302 Found", CheckStatus::kCritical},
      {"404 Not Found", CheckStatus::kCritical},
      {"429 Too Many Requests", CheckStatus::kWarning},
      {"500 Internal Server Error", CheckStatus::kCritical},
  };
  for (const auto& row : table) {
    LittleServer server(loop_, {.answer = HttpAnswer(row.status)});
    const ProbeResult result = FirstResult(Http(server));
    EXPECT_EQ(result.status, row.expected) << row.status;
    EXPECT_EQ(result.output,
              "HTTP GET http://" + server.address() + "/health: " + row.status + " Output: ");
  }
}

TEST_F(ProberTest, HttpOutputHoldsTheBody) {
  LittleServer server(loop_, {.answer = HttpAnswer("200 OK", "all is well")});
  EXPECT_THAT(FirstResult(Http(server)).output, HasSubstr(": 200 OK Output: all is well"));
}

TEST_F(ProberTest, HttpSendsMethodHeadersAndBody) {
  LittleServer server(loop_, {.answer = HttpAnswer("200 OK")});
  model::CheckRun definition = Http(server);
  definition.http = definition.http + "?deep=1";
  definition.method = "POST";
  definition.body = "ping";
  definition.header = {{"Host", {"example.org"}}, {"X-Probe", {"a", "b"}}};
  FirstResult(definition);
  ASSERT_FALSE(server.requests().empty());
  const std::string& request = server.requests().front();
  EXPECT_THAT(request, StartsWith("POST /health?deep=1 HTTP/1.1\r\n"));
  EXPECT_THAT(request, HasSubstr("Host: example.org\r\n"));
  EXPECT_THAT(request, HasSubstr("X-Probe: a\r\n"));
  EXPECT_THAT(request, HasSubstr("X-Probe: b\r\n"));
  EXPECT_THAT(request, HasSubstr("Content-Length: 4\r\n"));
}

TEST_F(ProberTest, RefusedConnectionIsCritical) {
  model::CheckRun http;
  http.kind = model::CheckKind::kHttp;
  http.http = "http://" + ClosedPort() + "/";
  http.interval = http.timeout = seconds(15);
  const ProbeResult result = FirstResult(http);
  EXPECT_EQ(result.status, CheckStatus::kCritical);
  EXPECT_THAT(result.output, HasSubstr("Connection refused"));
}

TEST_F(ProberTest, UnreadableUrlIsCriticalAndSaysWhy) {
  for (const char* url : {"ftp://a/", "http://", "http://user@a/", "http://a:0/", "http://a/ b",
                          "http://::1/", "nonsense"}) {
    model::CheckRun http;
    http.kind = model::CheckKind::kHttp;
    http.http = url;
    http.interval = http.timeout = seconds(15);
    const ProbeResult result = FirstResult(http);
    EXPECT_EQ(result.status, CheckStatus::kCritical) << url;
    EXPECT_THAT(result.output, HasSubstr("\"" + std::string(url) + "\"")) << url;
  }
}

TEST_F(ProberTest, HangingTargetTimesOutAndDelaysNoOther) {
  LittleServer hanging(loop_, {});
  LittleServer healthy(loop_, {.answer = HttpAnswer("200 OK")});
  model::CheckRun slow = Http(hanging);
  slow.timeout = milliseconds(1000);
  for (int i = 0; i < 50; ++i) prober_.Ensure("hanging" + std::to_string(i), slow);
  prober_.Ensure("healthy", Http(healthy));
  ASSERT_TRUE(test::RunUntil(loop_, [this] { return CountOf("hanging0") > 0; }));
  EXPECT_GT(CountOf("healthy"), 3u);
  EXPECT_EQ(results_["hanging0"][0].status, CheckStatus::kCritical);
  EXPECT_THAT(results_["hanging0"][0].output, HasSubstr("no answer within 1s"));
  EXPECT_EQ(results_["healthy"][0].status, CheckStatus::kPassing);
}

TEST_F(ProberTest, TrickledHeadDoesNotStretchTheTimeout) {
  LittleServer server(
      loop_, {.answer = HttpAnswer("200 OK") + std::string(4000, ' '), .byte_by_byte = true});
  model::CheckRun definition = Http(server);
  definition.timeout = milliseconds(60);
  const ProbeResult result = FirstResult(definition);
  EXPECT_EQ(result.status, CheckStatus::kCritical);
  EXPECT_THAT(result.output, HasSubstr("no answer within 60ms"));
}

TEST_F(ProberTest, EndlessBodyIsCut) {
  LittleServer server(loop_, {.answer = "HTTP/1.1 200 OK\r\n\r\n" + std::string(1000, 'x'),
                              .closes = false,
                              .repeats = true});
  const ProbeResult result = FirstResult(Http(server));
  EXPECT_EQ(result.status, CheckStatus::kPassing);
  EXPECT_EQ(result.output.size(), model::kMaxCheckOutput);
  EXPECT_THAT(result.output, HasSubstr("200 OK Output: xxxx"));
}

TEST_F(ProberTest, BodyThatNeverEndsIsJudgedByItsHead) {
  LittleServer server(
      loop_, {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\npart", .closes = false});
  model::CheckRun definition = Http(server);
  definition.timeout = milliseconds(300);
  const ProbeResult result = FirstResult(definition);
  EXPECT_EQ(result.status, CheckStatus::kPassing);
  EXPECT_THAT(result.output, HasSubstr("Output: part"));
}

TEST_F(ProberTest, GarbageInsteadOfHttpIsCritical) {
  LittleServer server(loop_, {.answer = "220 smtp.example ESMTP\r\n\r\n"});
  EXPECT_EQ(FirstResult(Http(server)).status, CheckStatus::kCritical);
}

TEST_F(ProberTest, TcpConnects) {
  LittleServer server(loop_, {});
  const ProbeResult result = FirstResult(Tcp(server.address()));
  EXPECT_EQ(result.status, CheckStatus::kPassing);
  EXPECT_EQ(result.output, "TCP connect " + server.address() + ": Success");
}

TEST_F(ProberTest, TcpResolvesNames) {
  LittleServer server(loop_, {});
  const std::string target = "localhost" + server.address().substr(server.address().find(':'));
  EXPECT_EQ(FirstResult(Tcp(target)).output, "TCP connect " + target + ": Success");
}

TEST_F(ProberTest, TcpFailureIsCritical) {
  const std::string closed = ClosedPort();
  const ProbeResult refused = FirstResult(Tcp(closed));
  EXPECT_EQ(refused.status, CheckStatus::kCritical);
  EXPECT_EQ(refused.output, "TCP connect " + closed + ": Connection refused");
  EXPECT_THAT(FirstResult(Tcp("no-port")).output, HasSubstr("expected HOST:PORT"));
}

TEST_F(ProberTest, FirstAttemptFallsSomewhereInTheInterval) {
  LittleServer server(loop_, {});
  model::CheckRun rare = Tcp(server.address());
  rare.interval = hours(1);
  random_ = 0.5;
  prober_.Ensure("later", rare);
  random_ = 0;
  prober_.Ensure("now", rare);
  prober_.Ensure("often", Tcp(server.address()));
  ASSERT_TRUE(test::RunUntil(loop_, [this] { return CountOf("often") >= 5; }));
  EXPECT_EQ(CountOf("now"), 1u);
  EXPECT_EQ(CountOf("later"), 0u);
}

TEST(FirstAttemptTest, IsOnATickOfTheIntervalAndNotInThePast) {
  using TimePoint = std::chrono::steady_clock::time_point;
  const auto delay = [](milliseconds now, milliseconds interval, double fraction) {
    const TimePoint then(now);
    return FirstAttempt(then, interval, fraction) - then;
  };
  EXPECT_EQ(delay(milliseconds(100'100), seconds(10), 0), milliseconds(0));
  EXPECT_EQ(delay(milliseconds(100'100), seconds(10), 0.01), milliseconds(0));
  EXPECT_EQ(delay(milliseconds(100'100), seconds(10), 0.5), milliseconds(4'900));
  EXPECT_EQ(delay(milliseconds(100'100), seconds(10), 0.54), milliseconds(4'900 + 500));
  EXPECT_EQ(delay(milliseconds(100'100), seconds(10), 0.999), milliseconds(9'900));
  EXPECT_EQ(delay(milliseconds(100'500), seconds(10), 0), milliseconds(0));
  // Of an hour as of ten seconds; of a second many more.
  EXPECT_EQ(delay(milliseconds(100'100), hours(1), 0.5), milliseconds(1'799'900));
  EXPECT_EQ(delay(milliseconds(100'010), seconds(1), 0.5), milliseconds(490));
  EXPECT_EQ(delay(milliseconds(100'010), seconds(1), 0.55), milliseconds(540));
}

TEST_F(ProberTest, SameDefinitionKeepsItsSchedule) {
  LittleServer server(loop_, {});
  prober_.Ensure("check", Tcp(server.address()));
  prober_.Ensure("check", Tcp(server.address()));
  EXPECT_EQ(random_calls_, 1);
  prober_.Ensure("check", Http(server));
  EXPECT_EQ(random_calls_, 2);
}

TEST_F(ProberTest, RemovedCheckReportsNothing) {
  LittleServer hanging(loop_, {});
  LittleServer server(loop_, {});
  model::CheckRun definition = Http(hanging);
  definition.timeout = milliseconds(100);
  prober_.Ensure("removed", definition);
  ASSERT_TRUE(test::RunUntil(loop_, [&] { return hanging.connections() > 0; }));
  prober_.Remove("removed");
  prober_.Ensure("other", Tcp(server.address()));
  ASSERT_TRUE(test::RunUntil(loop_, [this] { return CountOf("other") >= 8; }));
  EXPECT_EQ(CountOf("removed"), 0u);
  EXPECT_EQ(hanging.connections(), 1);
}

}  // namespace
}  // namespace rollcall::probe
