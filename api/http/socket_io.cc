#include "api/http/socket_io.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>

namespace rollcall::http {
namespace {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;

bool WouldBlock(const ErrorCode& error) {
  return error == asio::error::would_block || error == asio::error::try_again ||
         error == asio::error::interrupted;
}

}  // namespace

void PrepareSocket(Socket& socket) {
  ErrorCode ignored;
  socket.non_blocking(true, ignored);
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
}

Received ReceiveSome(Socket& socket, std::vector<char>& room) {
  ErrorCode error;
  Received received;
  received.size = socket.read_some(asio::buffer(room), error);
  if (error) received.size = 0;
  received.ended = error == asio::error::eof;
  received.broken = error && !received.ended && !WouldBlock(error);
  return received;
}

bool HasInput(Socket& socket) {
  char byte = 0;
  return ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

bool SendSome(Socket& socket, std::string_view head, std::string_view content, size_t& sent) {
  const size_t total = head.size() + content.size();
  while (sent < total) {
    const std::string_view head_left = head.substr(std::min(sent, head.size()));
    const std::string_view content_left = content.substr(sent - std::min(sent, head.size()));
    const std::array<asio::const_buffer, 2> buffers = {
        asio::const_buffer(head_left.data(), head_left.size()),
        asio::const_buffer(content_left.data(), content_left.size())};
    ErrorCode error;
    sent += socket.write_some(buffers, error);
    if (WouldBlock(error)) return true;
    if (error) return false;
  }
  return true;
}

void DropUnsent(Socket& socket) {
  ErrorCode ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
}

}  // namespace rollcall::http
