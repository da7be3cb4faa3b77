#include <gtest/gtest.h>

#include "tests/api/http/gunzip.h"
#include "tests/api/http/raw_client.h"
#include "tests/api/http/test_server.h"

namespace rollcall::http {
namespace {

// `request` with a further header field.
std::string With(std::string request, const std::string& field) {
  return request.insert(request.find("\r\n") + 2, field + "\r\n");
}

TEST(ServerGzipTest, ContentIsCompressedForWhoAsks) {
  TestServer server;
  RawClient client(server.port());
  const std::string text(10000, 'x');
  client.Send(With(Put("/echo/x", text), "Accept-Encoding: gzip"));
  const Answer gzip = client.Read();
  EXPECT_EQ(gzip.Header("Content-Encoding"), "gzip");
  EXPECT_EQ(gzip.Header("Vary"), "Accept-Encoding");
  EXPECT_EQ(gzip.Header("Content-Length"), std::to_string(gzip.body.size()));
  EXPECT_LT(gzip.body.size(), text.size());
  EXPECT_EQ(Gunzip(gzip.body), text);
  // The wish is of one request, not of the connection.
  client.Send(Put("/echo/x", text));
  const Answer plain = client.Read();
  EXPECT_EQ(plain.Header("Content-Encoding"), "<none>");
  EXPECT_EQ(plain.Header("Vary"), "Accept-Encoding");
  EXPECT_EQ(plain.body, text);
}

TEST(ServerGzipTest, HeadSaysWhatGetWouldSend) {
  TestServer server;
  RawClient client(server.port());
  client.Send(With(Get("/large"), "Accept-Encoding: gzip"));
  const Answer get = client.Read();
  EXPECT_EQ(Gunzip(get.body), std::string(TestServer::kLarge, 'x'));
  client.Send("HEAD /large HTTP/1.1\r\nHost: h\r\nAccept-Encoding: gzip\r\n\r\n" + Get("/hello"));
  const Answer head = client.ReadHead();
  EXPECT_EQ(head.head, get.head);
  EXPECT_EQ(client.Read().body, "hello");  // no content was sent in between
}

TEST(ServerGzipTest, SmallContentIsSentAsItIs) {
  TestServer server;
  RawClient client(server.port());
  client.Send(With(Get("/hello"), "Accept-Encoding: gzip"));
  const Answer answer = client.Read();
  EXPECT_EQ(answer.Header("Content-Encoding"), "<none>");
  EXPECT_EQ(answer.body, "hello");
}

}  // namespace
}  // namespace rollcall::http
