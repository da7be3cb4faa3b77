// What a session does with its socket: non-blocking calls that do what can be done at once and say
// how far they came. Worker's thread.
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <string_view>
#include <vector>

#include "api/http/memory_file.h"

namespace rollcall::http {

using Socket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

// Makes it what the functions below need. A socket that is broken says so when it is read.
void PrepareSocket(Socket& socket);

// One read into `room`. Nothing set and no bytes: there are none yet.
struct Received {
  size_t size = 0;
  bool ended = false;   // the client has closed its sending side
  bool broken = false;  // the connection is gone
};
Received ReceiveSome(Socket& socket, std::vector<char>& room);

// Whether there is something to read, without reading it.
bool HasInput(Socket& socket);

// What is to be sent: `content` behind `head`, from the file that holds it if there is one.
struct Parts {
  std::string_view head;
  std::string_view content = {};
  const MemoryFile* file = nullptr;

  size_t size() const { return head.size() + content.size(); }
};

// Sends what the socket takes of `parts` after their first `sent` bytes, and adds that to `sent`;
// false when the connection is broken. SIGPIPE must be ignored: sendfile knows no MSG_NOSIGNAL.
bool SendSome(Socket& socket, const Parts& parts, size_t& sent);

// What the client has not taken yet is thrown away when the socket is closed, with a reset.
void DropUnsent(Socket& socket);

}  // namespace rollcall::http
