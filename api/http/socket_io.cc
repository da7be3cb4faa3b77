#include "api/http/socket_io.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace rollcall::http {
namespace {

bool WouldBlock(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

iovec Vector(std::string_view bytes) {
  // sendmsg only reads; its type is older than const.
  return {const_cast<char*>(bytes.data()), bytes.size()};
}

// These two as send(2): the number of bytes, or -1 and errno.

ssize_t SendFromMemory(int socket, const Parts& parts, size_t sent) {
  if (parts.content.empty()) {
    return ::send(socket, parts.head.data() + sent, parts.head.size() - sent, MSG_NOSIGNAL);
  }
  const size_t of_head = std::min(sent, parts.head.size());
  std::array<iovec, 2> vectors = {Vector(parts.head.substr(of_head)),
                                  Vector(parts.content.substr(sent - of_head))};
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = vectors.size();
  return ::sendmsg(socket, &message, MSG_NOSIGNAL);
}

// One call for the head, which waits for the content that follows it at once, then one for that.
ssize_t SendFromFile(int socket, const Parts& parts, size_t sent) {
  if (sent < parts.head.size()) {
    const std::string_view head = parts.head.substr(sent);
    return ::send(socket, head.data(), head.size(), MSG_NOSIGNAL | MSG_MORE);
  }
  auto offset = static_cast<off_t>(sent - parts.head.size());
  return ::sendfile(socket, parts.file->fd(), &offset, parts.size() - sent);
}

}  // namespace

void SendWithoutDelay(int socket) {
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Received ReceiveSome(int socket, std::vector<char>& room) {
  Received received;
  const ssize_t count = ::recv(socket, room.data(), room.size(), 0);
  if (count > 0) {
    received.size = static_cast<size_t>(count);
    received.emptied = received.size < room.size();
  } else if (count == 0) {
    received.ended = true;
  } else {
    received.emptied = WouldBlock(errno);
    received.broken = !received.emptied && errno != EINTR;
  }
  return received;
}

bool HasInput(int socket) {
  char byte = 0;
  return ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

bool SendSome(int socket, const Parts& parts, size_t& sent) {
  while (sent < parts.size()) {
    const ssize_t count = parts.file != nullptr ? SendFromFile(socket, parts, sent)
                                                : SendFromMemory(socket, parts, sent);
    if (count > 0) {
      sent += static_cast<size_t>(count);
    } else if (count == 0 || !(WouldBlock(errno) || errno == EINTR)) {
      return false;  // 0: the file is shorter than it was
    } else if (WouldBlock(errno)) {
      return true;
    }
  }
  return true;
}

void DropUnsent(int socket) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

bool EndSending(int socket) { return ::shutdown(socket, SHUT_WR) == 0; }

}  // namespace rollcall::http
