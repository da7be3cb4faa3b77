#include "api/http/response.h"

#include <algorithm>
#include <array>
#include <boost/beast/http/status.hpp>
#include <charconv>
#include <cstddef>

namespace rollcall::http {
namespace {

void AppendNumber(size_t number, std::string& out) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

}  // namespace

Response& Response::AddHeader(std::string_view name, std::string_view value) {
  header_block.append(name).append(": ");
  const size_t begin = header_block.size();
  header_block.append(value);
  std::replace_if(header_block.begin() + static_cast<std::ptrdiff_t>(begin), header_block.end(),
                  IsControl, ' ');
  header_block.append("\r\n");
  return *this;
}

Response EmptyResponse(int status) {
  Response response;
  response.status = status;
  return response;
}

Response TextResponse(int status, Body text) {
  Response response;
  response.status = status;
  response.body = std::move(text);
  response.AddHeader("Content-Type", "text/plain; charset=utf-8");
  return response;
}

Response JsonResponse(Body json, int status) {
  Response response;
  response.status = status;
  response.body = std::move(json);
  response.AddHeader("Content-Type", "application/json");
  return response;
}

bool StatusHasContent(int status) { return status >= 200 && status != 204 && status != 304; }

void AppendHead(const Response& response, const Framing& framing, std::string& out) {
  out.append("HTTP/1.1 ");
  AppendNumber(static_cast<size_t>(response.status), out);
  out.push_back(' ');
  const auto reason = boost::beast::http::obsolete_reason(
      boost::beast::http::int_to_status(static_cast<unsigned>(response.status)));
  out.append(reason.data(), reason.size()).append("\r\n");
  out.append(response.header_block);
  // On every answer, as Consul sends it, also on those that are not worth compressing.
  out.append("Vary: Accept-Encoding\r\n");
  if (framing.length == Framing::Length::kChunked) out.append("Transfer-Encoding: chunked\r\n");
  if (framing.length == Framing::Length::kKnown && StatusHasContent(response.status)) {
    out.append("Content-Length: ");
    AppendNumber(response.body.view().size(), out);
    out.append("\r\n");
  }
  if (framing.connection == Framing::Connection::kClose) out.append("Connection: close\r\n");
  if (framing.connection == Framing::Connection::kKeepAlive) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append("\r\n");
}

}  // namespace rollcall::http
