#include "api/http/socket_io.h"

#include <sys/sendfile.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace rollcall::http {
namespace {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;

bool WouldBlock(const ErrorCode& error) {
  return error == asio::error::would_block || error == asio::error::try_again ||
         error == asio::error::interrupted;
}

size_t SendFromMemory(Socket& socket, const Parts& parts, size_t sent, ErrorCode& error) {
  const size_t of_head = std::min(sent, parts.head.size());
  const std::string_view head = parts.head.substr(of_head);
  const std::string_view content = parts.content.substr(sent - of_head);
  const std::array<asio::const_buffer, 2> buffers = {
      asio::const_buffer(head.data(), head.size()),
      asio::const_buffer(content.data(), content.size())};
  return socket.write_some(buffers, error);
}

// One call for the head, which waits for the content that follows it at once, then one for that.
size_t SendFromFile(Socket& socket, const Parts& parts, size_t sent, ErrorCode& error) {
  ssize_t count;
  if (sent < parts.head.size()) {
    const std::string_view head = parts.head.substr(sent);
    count = ::send(socket.native_handle(), head.data(), head.size(), MSG_NOSIGNAL | MSG_MORE);
  } else {
    auto offset = static_cast<off_t>(sent - parts.head.size());
    count = ::sendfile(socket.native_handle(), parts.file->fd(), &offset, parts.size() - sent);
  }
  if (count > 0) return static_cast<size_t>(count);
  error.assign(count < 0 ? errno : EIO, boost::system::system_category());
  return 0;
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

bool SendSome(Socket& socket, const Parts& parts, size_t& sent) {
  while (sent < parts.size()) {
    ErrorCode error;
    sent += parts.file != nullptr ? SendFromFile(socket, parts, sent, error)
                                  : SendFromMemory(socket, parts, sent, error);
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
