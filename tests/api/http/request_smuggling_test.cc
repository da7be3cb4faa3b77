// Shapes of requests on whose end two programs could disagree: what a proxy in front takes for a
// body, we must not take for a request, nor the other way round (RFC 9112 section 11.2). Each one
// is refused, whatever comes with it, and ends the connection.
#include <gtest/gtest.h>

#include "tests/api/http/raw_client.h"
#include "tests/api/http/reading.h"
#include "tests/api/http/test_server.h"

namespace rollcall::http {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kPut = "PUT /echo/x HTTP/1.1\r\nHost: h\r\n";

std::string PutWith(std::string_view fields, std::string_view body = "") {
  return std::string(kPut).append(fields).append("\r\n").append(body);
}

std::string Chunked(std::string_view body) {
  return PutWith("Transfer-Encoding: chunked\r\n", body);
}

TEST(RequestSmugglingTest, LengthsThatCanBeReadInTwoWaysAreRefused) {
  for (const std::string_view fields : {
           "Content-Length: 5\r\nContent-Length: 6\r\n"sv,
           "Content-Length: 5 6\r\n"sv,
           "Content-Length: +5\r\n"sv,
           "Content-Length: -5\r\n"sv,
           "Content-Length: 0x5\r\n"sv,
           "Content-Length: 5.0\r\n"sv,
           "Content-Length: \r\n"sv,
           "Content-Length: five\r\n"sv,
           "Content-Length: 18446744073709551621\r\n"sv,
           "Content-Length : 5\r\n"sv,
           "Content Length: 5\r\n"sv,
           " Content-Length: 5\r\n"sv,
           "X: y\r\n Content-Length: 5\r\n"sv,
           "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"sv,
           "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"sv,
           "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n"sv,
       }) {
    EXPECT_EQ(Reading(PutWith(fields, "hello")).status(), 400) << fields;
    EXPECT_EQ(Reading(PutWith(fields, "hello"), 1).status(), 400) << fields;
  }
}

// Section 6.3: a length that is said twice is no other length.
TEST(RequestSmugglingTest, LengthThatIsRepeatedIsOneLength) {
  for (const std::string_view fields :
       {"Content-Length: 5\r\nContent-Length: 5\r\n"sv, "Content-Length: 5, 5\r\n"sv}) {
    const Reading reading(PutWith(fields, "hello, world"));
    EXPECT_TRUE(reading.complete()) << fields;
    EXPECT_EQ(reading.request.body(), "hello");
    EXPECT_EQ(reading.rest, ", world");
  }
}

TEST(RequestSmugglingTest, TransferEncodingsThatCanBeReadInTwoWaysAreRefused) {
  for (const std::string_view fields : {
           "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"sv,
           "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"sv,
           "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n"sv,
           "Transfer-Encoding: chunked, chunked\r\n"sv,
           "Transfer-Encoding: chunked, identity\r\n"sv,
           "Transfer-Encoding: gzip, chunked\r\n"sv,
           "Transfer-Encoding: xchunked\r\n"sv,
           "Transfer-Encoding: chunked;x\r\n"sv,
           "Transfer-Encoding: \"chunked\"\r\n"sv,
           "Transfer-Encoding: \x0b"
           "chunked\r\n"sv,
           "Transfer-Encoding : chunked\r\n"sv,
           "Transfer-Encoding:\r\n chunked\r\n"sv,
           "Transfer-Encoding: chunked\r\n\tx\r\n"sv,
           "Transfer-Encoding: \r\n"sv,
           "X: y\rTransfer-Encoding: chunked\r\n"sv,
           "X: y\nTransfer-Encoding: chunked\r\n"sv,
       }) {
    const Reading reading(PutWith(fields, "5\r\nhello\r\n0\r\n\r\n"));
    EXPECT_TRUE(reading.status() == 400 || reading.status() == 501)
        << fields << ": " << reading.status();
  }
  // An older client's proxy does not know of chunks at all.
  EXPECT_EQ(Reading("PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").status(), 400);
}

TEST(RequestSmugglingTest, ChunksThatCanBeReadInTwoWaysAreRefused) {
  for (const std::string_view body : {
           "0x5\r\nhello\r\n0\r\n\r\n"sv,
           "+5\r\nhello\r\n0\r\n\r\n"sv,
           "-1\r\nhello\r\n0\r\n\r\n"sv,
           " 5\r\nhello\r\n0\r\n\r\n"sv,
           "\r\nhello\r\n0\r\n\r\n"sv,
           ";x\r\nhello\r\n0\r\n\r\n"sv,
           "5 5\r\nhello\r\n0\r\n\r\n"sv,
           "5\nhello\r\n0\r\n\r\n"sv,
           "5\r\nhello\n0\r\n\r\n"sv,
           "5\r\nhelloworld\r\n0\r\n\r\n"sv,
           "5\rhello\r\n0\r\n\r\n"sv,
           "10000000000000005\r\nhello\r\n0\r\n\r\n"sv,
           "5\r\nhello\r\n0\r\nBad Trailer: x\r\n\r\n"sv,
           "5;a\nb\r\nhello\r\n0\r\n\r\n"sv,
       }) {
    const Reading reading(Chunked(body));
    EXPECT_EQ(reading.status(), 400) << body << reading.request.body();
    EXPECT_EQ(Reading(Chunked(body), 1).status(), 400) << body;
  }
}

TEST(RequestSmugglingTest, LinesThatAreNoneAreRefused) {
  for (const std::string_view request : {
           "GET / HTTP/1.1\nHost: h\n\n"sv,
           "GET / HTTP/1.1\r\nHost: h\n\r\n"sv,
           "GET / HTTP/1.1\r\nHost: h\r\nX: a\n\r\n"sv,
           "GET / HTTP/1.1\r\nHost: h\r\n\n"sv,
           "GET / HTTP/1.1\rHost: h\r\r"sv,
           "GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n"sv,
           "GET / HTTP/1.1\r\nHost: h\r\nX\0: a\r\n\r\n"sv,
           "GET / HTTP/1.1\r\nHost: h\r\n: a\r\n\r\n"sv,
           "GET / HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n"sv,
           "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n"sv,
           "GET / HTTP/1.1\r\n Host: h\r\n\r\n"sv,
           " GET / HTTP/1.1\r\nHost: h\r\n\r\n"sv,
           "GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n"sv,
           "GET / x HTTP/1.1\r\nHost: h\r\n\r\n"sv,
           "GET / HTTP/1.1 \r\nHost: h\r\n\r\n"sv,
           "GET / http/1.1\r\nHost: h\r\n\r\n"sv,
           "GET / HTTP/1.1x\r\nHost: h\r\n\r\n"sv,
           "GET / HTTP/01.1\r\nHost: h\r\n\r\n"sv,
           "GET /\r\nHost: h\r\n\r\n"sv,
       }) {
    const int status = Reading(request).status();
    // 505: what stands where the version should is none that is spoken here.
    EXPECT_TRUE(status == 400 || status == 505) << request << status;
    EXPECT_EQ(Reading(request, 1).status(), status) << request;
  }
}

TEST(RequestSmugglingTest, WhatComesBehindARefusedRequestIsNoRequest) {
  TestServer server;
  for (const std::string& refused : {
           PutWith("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
           PutWith("Content-Length: 0\r\nContent-Length: 44\r\n"),
           Chunked("0x0\r\n\r\n"),
           PutWith("Transfer-Encoding: xchunked\r\n"),
       }) {
    RawClient client(server.port());
    client.Send(refused + Get("/hello"));
    const Answer answer = client.Read();
    EXPECT_TRUE(answer.status == 400 || answer.status == 501) << answer.status;
    EXPECT_EQ(answer.Header("Connection"), "close");
    EXPECT_EQ(client.ReadAll(), "") << "answered twice";
  }
}

TEST(RequestSmugglingTest, BodyIsNeverTakenForARequest) {
  TestServer server;
  RawClient client(server.port());
  const std::string inner = Get("/hello");
  std::string size;
  for (size_t rest = inner.size(); rest > 0; rest /= 16) {
    size.insert(size.begin(), "0123456789abcdef"[rest % 16]);
  }
  client.Send(Put("/echo/x", inner) + Chunked(size + "\r\n" + inner + "\r\n0\r\nX: y\r\n\r\n") +
              "GET /echo/z HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(inner.size()) +
              "\r\n\r\n" + inner + Get("/hello"));
  EXPECT_EQ(client.Read().body, inner);
  EXPECT_EQ(client.Read().body, inner);
  EXPECT_EQ(client.Read().body, "z||127.0.0.1");
  EXPECT_EQ(client.Read().body, "hello");
}

}  // namespace
}  // namespace rollcall::http
