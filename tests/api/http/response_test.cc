#include "api/http/response.h"

#include <gtest/gtest.h>

namespace rollcall::http {
namespace {

std::string Head(const Response& response, Framing::Connection connection) {
  std::string head;
  AppendHead(response, {connection}, head);
  return head;
}

TEST(ResponseTest, WritesTheWholeHead) {
  Response response = JsonResponse("[]");
  response.AddHeader("X-Consul-Index", "7");
  EXPECT_EQ(Head(response, Framing::Connection::kDefault),
            "HTTP/1.1 200 OK\r\n"
            "Content-Type: application/json\r\n"
            "X-Consul-Index: 7\r\n"
            "Vary: Accept-Encoding\r\n"
            "Content-Length: 2\r\n"
            "\r\n");
  EXPECT_EQ(Head(EmptyResponse(404), Framing::Connection::kClose),
            "HTTP/1.1 404 Not Found\r\n"
            "Vary: Accept-Encoding\r\n"
            "Content-Length: 0\r\n"
            "Connection: close\r\n"
            "\r\n");
}

TEST(ResponseTest, StatusesWithoutContentCarryNoLength) {
  for (const int status : {204, 304}) {
    EXPECT_EQ(Head(EmptyResponse(status), Framing::Connection::kDefault).find("Content-Length"),
              std::string::npos);
  }
}

TEST(ResponseTest, HeaderValueCannotBeginAnotherHeader) {
  Response response;
  response.AddHeader("X-Name", "a\r\nX-Evil: 1\n\x01\x7f\xC3\xA9");
  EXPECT_EQ(response.header_block, "X-Name: a  X-Evil: 1   \xC3\xA9\r\n");
}

}  // namespace
}  // namespace rollcall::http
