// Servers that break HTTP/2, stop in the middle or never stop: each is critical, with its reason,
// long before the timeout unless it is silent. Both kinds of check meet all of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/agent/http2_frames.h"
#include "tests/agent/one_check.h"

namespace rollcall::probe {
namespace {

using namespace std::string_literals;
using model::CheckStatus;
using test::BigEndian32;
using test::Frame;
using test::Headers;
using test::LittleServer;
using test::OneCheck;
using test::Settings;
using ::testing::EndsWith;
using ::testing::HasSubstr;

std::string Many(int count, const std::string& one) {
  std::string all;
  for (int i = 0; i < count; ++i) all += one;
  return all;
}

std::string GoAway(uint32_t last_stream, uint32_t code, const std::string& why) {
  return Frame(test::kGoAway, 0, 0, BigEndian32(last_stream) + BigEndian32(code) + why);
}

const std::string kHead = Settings() + Headers({{":status", "200"}});
constexpr uint32_t kNoError = 0;
constexpr uint32_t kInternalError = 2;
constexpr uint32_t kEnhanceYourCalm = 11;

struct BadServer {
  const char* what;
  LittleServer::Manner manner;
  const char* expected;
};

void ExpectCritical(const BadServer& bad, model::CheckRun (*make)(const std::string&)) {
  OneCheck check;
  LittleServer server(check.loop(), bad.manner);
  const ProbeResult result = check.Result(make(server.address()));
  EXPECT_EQ(result.status, CheckStatus::kCritical) << bad.what;
  EXPECT_THAT(result.output, HasSubstr(server.address() + ": ")) << bad.what;
  EXPECT_THAT(result.output, HasSubstr(bad.expected)) << bad.what;
  EXPECT_LE(result.output.size(), model::kMaxCheckOutput) << bad.what;
}

TEST(Http2BadServerTest, ConnectionIsGivenUpWithItsReason) {
  const BadServer table[] = {
      {"HTTP/1.1",
       {.answer = "HTTP/1.1 400 Bad Request\r\n\r\n", .closes = false},
       "the server answers in HTTP/1, not in HTTP/2"},
      {"another protocol",
       {.answer = "220 smtp.example ESMTP ready\r\n", .closes = false},
       "the server does not keep to HTTP/2"},
      {"zeros", {.answer = std::string(64, '\0'), .closes = false}, "SETTINGS expected"},
      {"no SETTINGS",
       {.answer = Frame(test::kPing, 0, 0, "12345678"), .closes = false},
       "SETTINGS expected"},
      {"a frame of 16 MiB",
       {.answer = Settings() + "\xff\xff\xff\x00\x00\x00\x00\x00\x01"s, .closes = false},
       "FRAME_SIZE_ERROR"},
      {"SETTINGS that are no settings",
       {.answer = Frame(test::kSettings, 0, 0, "1234567"), .closes = false},
       "FRAME_SIZE_ERROR"},
      {"too many settings",
       {.answer = Frame(test::kSettings, 0, 0, Many(100, "\x00\x03\x00\x00\x00\x64"s)),
        .closes = false},
       "the server does not keep to HTTP/2"},
      {"DATA without a stream",
       {.answer = Settings() + Frame(test::kData, 0, 7, "x"), .closes = false},
       "PROTOCOL_ERROR"},
      // Our SETTINGS, which forbid it, are acknowledged first.
      {"a promise of a push",
       {.answer = Settings() + Frame(test::kSettings, test::kAck, 0) +
                  Frame(test::kPushPromise, test::kEndHeaders, 1,
                        BigEndian32(2) + test::HeaderBlock({{":method", "GET"}})),
        .closes = false},
       "PROTOCOL_ERROR"},
      {"GOAWAY",
       {.answer = Settings() + GoAway(0, kEnhanceYourCalm, "too_many_pings"), .closes = false},
       "the server sent GOAWAY: ENHANCE_YOUR_CALM (too_many_pings)"},
      {"GOAWAY with 16 KiB of reasons",
       {.answer = Settings() + GoAway(0, kInternalError, std::string(16000, '\1')),
        .closes = false},
       "the server sent GOAWAY: INTERNAL_ERROR (????"},
      {"end after SETTINGS", {.answer = Settings()}, "the server closed the connection"},
      {"end inside of a frame",
       {.answer = Settings() + Frame(test::kPing, test::kAck, 0, "12345678").substr(0, 12)},
       "the server closed the connection"},
      {"PING without end",
       {.answer = Settings() + Many(100, Frame(test::kPing, 0, 0, "12345678")),
        .closes = false,
        .repeats = true},
       "the server does not keep to HTTP/2"},
      {"frames of no meaning without end",
       {.answer = Settings() + Many(20, Frame(test::kUnheardOf, 0, 0, std::string(5000, 'x'))),
        .closes = false,
        .repeats = true},
       "the server sends more than 262144 bytes"},
  };
  for (const BadServer& bad : table) {
    ExpectCritical(bad, OneCheck::H2Ping);
    ExpectCritical(bad, OneCheck::Grpc);
  }
}

TEST(Http2BadServerTest, AnswerIsGivenUpWithItsReason) {
  const std::string huge = test::HeaderBlock({{":status", "200"}, {"x", std::string(16384, 'x')}});
  const BadServer table[] = {
      {"RST_STREAM",
       {.answer = Settings() + Frame(test::kRstStream, 0, 1, BigEndian32(kInternalError)),
        .closes = false},
       "the stream was reset: INTERNAL_ERROR"},
      {"RST_STREAM in the middle of an answer",
       {.answer = kHead + Frame(test::kRstStream, 0, 1, BigEndian32(kNoError)), .closes = false},
       "the stream was reset: NO_ERROR"},
      {"GOAWAY in peace, but before our stream",
       {.answer = Settings() + GoAway(0, kNoError, ""), .closes = false},
       "the server sent GOAWAY: NO_ERROR"},
      {"end in the middle of an answer", {.answer = kHead}, "the server closed the connection"},
      {"one huge header",
       {.answer = Settings() + Frame(test::kHeaders, 0, 1, huge.substr(0, 10000)) +
                  Frame(test::kContinuation, test::kEndHeaders, 1, huge.substr(10000)),
        .closes = false},
       "more than 16384 bytes of headers"},
      {"a great many short headers",
       {.answer = kHead + Headers(test::HeaderList(600, {"x", "y"}), test::kEndStream),
        .closes = false},
       "more than 16384 bytes of headers"},
      {"CONTINUATION without end",
       {.answer =
            Settings() + Frame(test::kHeaders, 0, 1) + Many(1000, Frame(test::kContinuation, 0, 1)),
        .closes = false},
       "the server does not keep to HTTP/2"},
      {"no status",
       {.answer = Settings() + Headers({{"content-type", "application/grpc"}}, test::kEndStream),
        .closes = false},
       "PROTOCOL_ERROR"},
      {"a body without end",
       {.answer = kHead + Many(10, Frame(test::kData, 0, 1, std::string(1000, 'x'))),
        .closes = false},
       "the server answers with more than 4096 bytes"},
      {"HPACK that is none",
       {.answer = Settings() + Frame(test::kHeaders, test::kEndHeaders, 1, "\xff\xff\xff\xff\xff"),
        .closes = false},
       "COMPRESSION_ERROR"},
  };
  for (const BadServer& bad : table) ExpectCritical(bad, OneCheck::Grpc);
}

TEST(Http2BadServerTest, SilenceEndsWithTheTimeout) {
  const struct {
    std::string answer;
    model::CheckRun (*make)(const std::string&);
  } table[] = {
      {"", OneCheck::H2Ping},
      {Settings(), OneCheck::H2Ping},
      {"", OneCheck::Grpc},
      {Settings(), OneCheck::Grpc},
      {kHead, OneCheck::Grpc},
      {kHead + Frame(test::kData, 0, 1, "\0\0\0\0\x02\x08\x01"s), OneCheck::Grpc},
      // Acknowledged, but not our ping.
      {Settings() + Frame(test::kPing, test::kAck, 0, "12345678"), OneCheck::H2Ping},
  };
  for (const auto& row : table) {
    OneCheck check;
    LittleServer server(check.loop(), {.answer = row.answer, .closes = false});
    model::CheckRun run = row.make(server.address());
    run.timeout = std::chrono::milliseconds(60);
    const ProbeResult result = check.Result(run);
    EXPECT_EQ(result.status, CheckStatus::kCritical) << &row - table;
    EXPECT_THAT(result.output, EndsWith(": no answer within 60ms")) << &row - table;
  }
}

TEST(Http2BadServerTest, ServerThatShutsDownInPeaceStillAnswers) {
  OneCheck check;
  LittleServer server(check.loop(), {.answer = Settings() + GoAway(1, kNoError, "") +
                                               Headers({{":status", "200"}, {"grpc-status", "14"}},
                                                       test::kEndStream),
                                     .closes = false});
  EXPECT_THAT(check.Result(OneCheck::Grpc(server.address())).output, HasSubstr("UNAVAILABLE"));
}

TEST(Http2BadServerTest, CheckThatIsRemovedInTheMiddleReportsNothing) {
  for (const auto make : {OneCheck::H2Ping, OneCheck::Grpc}) {
    OneCheck check;
    LittleServer hanging(check.loop(), {.answer = Settings(), .closes = false});
    LittleServer closing(check.loop(), {.answer = Settings()});
    int reports = 0;
    Prober prober(
        check.loop(), [&](const std::string&, const ProbeResult&) { ++reports; },
        [] { return 0.0; });
    prober.Ensure("removed", make(hanging.address()));
    ASSERT_TRUE(test::RunUntil(check.loop(), [&] { return !hanging.requests().empty(); }));
    prober.Remove("removed");
    check.Result(make(closing.address()));
    EXPECT_EQ(reports, 0);
  }
}

TEST(Http2BadServerTest, ConnectionThatIsClosedAtOnceIsCritical) {
  OneCheck check;
  boost::asio::ip::tcp::acceptor acceptor(check.loop(),
                                          {boost::asio::ip::make_address("127.0.0.1"), 0});
  acceptor.async_accept(
      [](boost::system::error_code, boost::asio::ip::tcp::socket socket) { socket.close(); });
  const ProbeResult result = check.Result(
      OneCheck::H2Ping("127.0.0.1:" + std::to_string(acceptor.local_endpoint().port())));
  EXPECT_EQ(result.status, CheckStatus::kCritical);
  EXPECT_THAT(result.output, EndsWith(": the server closed the connection"));
}

}  // namespace
}  // namespace rollcall::probe
