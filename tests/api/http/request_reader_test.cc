#include "api/http/request_reader.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/api/http/reading.h"

namespace rollcall::http {
namespace {

TEST(RequestReaderTest, ReadsARequestInPiecesOfAnySize) {
  constexpr std::string_view kBytes =
      "PUT /v1/a%2Fb?x=1&y&z=a+b%26c&x=2&=e&& HTTP/1.1\r\nHost: h\r\nX-Thing:  some thing \r\n"
      "Transfer-Encoding: chunked\r\n\r\n"
      "5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: t\r\n\r\nGET /next";
  for (const size_t step : {size_t{1}, size_t{2}, size_t{3}, size_t{7}, size_t{50}, SIZE_MAX}) {
    const Reading reading(kBytes, step);
    ASSERT_TRUE(reading.complete()) << step << reading.reader.failure().text;
    const Request& request = reading.request;
    EXPECT_EQ(request.method(), Method::kPut);
    EXPECT_EQ(request.raw_path(), "/v1/a%2Fb");
    EXPECT_EQ(request.path(), "/v1/a/b");
    EXPECT_EQ(request.FindHeader("x-thing"), "some thing");
    EXPECT_EQ(request.FindHeader("Trailer"), std::nullopt);
    EXPECT_EQ(request.FindQuery("x"), "1");
    EXPECT_EQ(request.AllQuery("x"), (std::vector<std::string_view>{"1", "2"}));
    EXPECT_EQ(request.FindQuery("y"), "");
    EXPECT_EQ(request.FindQuery("z"), "a b&c");
    EXPECT_EQ(request.FindQuery(""), "e");
    EXPECT_FALSE(request.HasQuery("X"));
    EXPECT_EQ(request.query().size(), 5u);
    EXPECT_EQ(request.body(), "hello world");
    EXPECT_TRUE(request.keep_alive());
    EXPECT_EQ(reading.rest, "GET /next") << step;
  }
}

TEST(RequestReaderTest, KeepAliveFollowsVersionAndConnection) {
  struct Case {
    std::string_view bytes;
    bool keep_alive;
  };
  for (const Case& c : {
           Case{"GET / HTTP/1.1\r\nHost: h\r\n\r\n", true},
           Case{"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", false},
           Case{"GET / HTTP/1.0\r\n\r\n", false},
           Case{"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
       }) {
    const Reading reading(c.bytes);
    ASSERT_TRUE(reading.complete()) << c.bytes;
    EXPECT_EQ(reading.request.keep_alive(), c.keep_alive) << c.bytes;
  }
}

TEST(RequestReaderTest, RefusesWhatCannotBeTrusted) {
  using namespace std::string_view_literals;
  struct Case {
    std::string_view bytes;
    int status;
  };
  for (const Case& c : {
           Case{"GET / HTTP/1.1\n\n", 400},
           Case{"GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n", 400},
           Case{"GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n"sv, 400},
           Case{"GET / HTTP/1.1\r\nHost: h\r\nX: \0\r\n\r\n"sv, 400},
           Case{"\x16\x03\x01\x02\x00\x01"sv, 400},
           Case{"GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
           Case{"GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n", 400},
           Case{"GET /?a=%4 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
           Case{"GET x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
           Case{"GET /\r\n\r\n", 400},
           Case{"G@T / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
           Case{"GET / HTTP/1.1\r\n\r\n", 400},
           Case{"GET / HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n", 400},
           Case{"GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400},
           Case{"GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", 400},
           Case{"GET / HTTP/2.0\r\n\r\n", 505},
           Case{"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", 400},
           Case{"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1x\r\n\r\n", 400},
           Case{"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
           Case{"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n", 400},
           Case{"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: "
                "chunked\r\n\r\n",
                400},
           Case{"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: "
                "1\r\n\r\n",
                400},
           Case{"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
                "Transfer-Encoding: chunked\r\n\r\n",
                400},
           Case{"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n\r\n", 501},
           Case{"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
           Case{"PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
           Case{"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400},
           Case{"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                "fffffffffffffffff\r\n",
                400},
           Case{"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", 400},
           Case{"PUT / HTTP/1.1\r\nHost: h\r\nExpect: a-miracle\r\n\r\n", 417},
       }) {
    for (const size_t step : {size_t{1}, SIZE_MAX}) {
      const Reading reading(c.bytes, step);
      EXPECT_EQ(reading.status(), c.status) << c.bytes << reading.reader.failure().text;
      EXPECT_EQ(reading.reader.failure().text.find('\n'), std::string::npos);
    }
  }
}

TEST(RequestReaderTest, NoControlCharacterPassesWhereverItIs) {
  const std::string before = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
  for (int code = 0; code < 256; ++code) {
    const char c = static_cast<char>(code);
    const bool is_control = (code < 0x20 && c != '\t') || code == 0x7f;
    for (size_t at = 0; at <= 20; ++at) {
      std::string value(21, 'v');
      value[at] = c;
      const Reading reading(before + value + "\r\n\r\n");
      EXPECT_EQ(reading.complete(), !is_control) << code << " at " << at;
    }
  }
}

TEST(RequestReaderTest, BeginsAnewWhateverItHasReadBefore) {
  const Limits limits;
  for (const std::string_view before : {
           "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
           "GET / HTTP/1.1\r",
           "GET / HTTP/1.1\r\nHost: h\r\n",
           "bad\n",
           "PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n",
           "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;ext",
       }) {
    Reading reading(before, SIZE_MAX, limits);
    Request next("127.0.0.1");
    reading.reader.Begin(next);
    std::string_view bytes = "PUT /next HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nokGET";
    EXPECT_EQ(reading.reader.Consume(bytes), RequestReader::State::kComplete) << before;
    EXPECT_FALSE(reading.reader.TakeContinue()) << before;
    EXPECT_EQ(next.path(), "/next");
    EXPECT_EQ(next.body(), "ok");
    EXPECT_EQ(bytes, "GET");
  }
}

TEST(RequestReaderTest, HeaderLimitCountsEveryByteOfTheHeader) {
  Limits limits;
  limits.max_header_bytes = 100;
  std::string bytes = "GET / HTTP/1.1\r\nHost: h\r\nX: \r\n\r\n";
  bytes.insert(bytes.size() - 4, std::string(100 - bytes.size(), 'a'));
  ASSERT_EQ(bytes.size(), 100u);
  for (const size_t step : {size_t{1}, size_t{33}, SIZE_MAX}) {
    EXPECT_TRUE(Reading(bytes, step, limits).complete());
    std::string longer = bytes;
    longer.insert(longer.size() - 4, "a");
    EXPECT_EQ(Reading(longer, step, limits).status(), 431);
    // Without an end, and in many short lines.
    EXPECT_EQ(Reading(std::string(101, 'a'), step, limits).status(), 431);
    std::string lines = "GET / HTTP/1.1\r\n";
    while (lines.size() <= 100) lines.append("a: b\r\n");
    EXPECT_EQ(Reading(lines, step, limits).status(), 431);
  }
}

TEST(RequestReaderTest, ChunkFramingIsLimitedToo) {
  Limits limits;
  limits.max_header_bytes = 200;
  const std::string head = "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(Reading(head + "1;" + std::string(300, 'e'), 16, limits).status(), 431);
  EXPECT_EQ(Reading(head + "0\r\nT: " + std::string(300, 't'), 16, limits).status(), 431);
}

TEST(RequestReaderTest, BodyLimitHoldsForLengthAndChunks) {
  Limits limits;
  limits.max_body_bytes = 10;
  const std::string head = "PUT / HTTP/1.1\r\nHost: h\r\n";
  const std::string chunked = head + "Transfer-Encoding: chunked\r\n\r\n";
  EXPECT_TRUE(Reading(head + "Content-Length: 10\r\n\r\n0123456789", 3, limits).complete());
  // Before a byte of the body.
  EXPECT_EQ(Reading(head + "Content-Length: 11\r\n\r\n", SIZE_MAX, limits).status(), 413);
  EXPECT_TRUE(Reading(chunked + "5\r\n01234\r\n5\r\n56789\r\n0\r\n\r\n", 3, limits).complete());
  EXPECT_EQ(Reading(chunked + "5\r\n01234\r\n6\r\n", 3, limits).status(), 413);
  EXPECT_EQ(Reading(chunked + "ffffffffffffffff\r\n", 3, limits).status(), 413);
}

TEST(RequestReaderTest, SaysOnceThatTheClientWaitsForContinue) {
  const std::string head =
      "PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n";
  Reading waiting(head);
  EXPECT_TRUE(waiting.reader.TakeContinue());
  EXPECT_FALSE(waiting.reader.TakeContinue());
  Reading impatient(head + "h");
  EXPECT_FALSE(impatient.reader.TakeContinue());
}

TEST(RequestReaderTest, RandomDamageIsReadOrRefused) {
  std::mt19937 random(7);
  const std::vector<std::string> seeds = {
      "GET /v1/health/service/web?passing&index=7 HTTP/1.1\r\nHost: h\r\nAccept: */*\r\n\r\n",
      "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
      "PUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "5\r\nhello\r\n0\r\nA: b\r\n\r\n",
  };
  size_t complete = 0, failed = 0;
  for (int round = 0; round < 30000; ++round) {
    std::string bytes = seeds[random() % seeds.size()];
    for (size_t n = random() % 4; n > 0; --n) {
      const size_t at = random() % bytes.size();
      switch (random() % 3) {
        case 0:
          bytes[at] = static_cast<char>(random() % 256);
          break;
        case 1:
          bytes.erase(at, 1 + random() % 3);
          break;
        default:
          bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 8));
      }
    }
    // However it comes in, it is understood alike.
    const Reading whole(bytes);
    const Reading pieces(bytes, 1 + random() % 9);
    EXPECT_EQ(whole.complete(), pieces.complete()) << bytes;
    EXPECT_EQ(whole.status(), pieces.status()) << bytes;
    EXPECT_EQ(whole.request.body(), pieces.request.body()) << bytes;
    // Once it is refused, how much was looked at does not matter.
    EXPECT_EQ(whole.complete() ? whole.rest : "", pieces.complete() ? pieces.rest : "") << bytes;
    complete += whole.complete() ? 1 : 0;
    failed += whole.status() != 0 ? 1 : 0;
  }
  EXPECT_GT(complete, 1000u);
  EXPECT_GT(failed, 1000u);
}

}  // namespace
}  // namespace rollcall::http
