// What a session does with its socket: non-blocking calls that do what can be done at once and say
// how far they came. A socket that is broken says so when it is read. Worker's thread.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "api/http/memory_file.h"

namespace rollcall::http {

// Answers go out when they are made: no part of one waits for the client to confirm another.
void SendWithoutDelay(int socket);

// One read into `room`. Nothing set and no bytes: there are none yet.
struct Received {
  size_t size = 0;
  bool ended = false;    // the client has closed its sending side
  bool broken = false;   // the connection is gone
  bool emptied = false;  // nothing was left in the socket
};
Received ReceiveSome(int socket, std::vector<char>& room);

// Whether there is something to read, without reading it.
bool HasInput(int socket);

// What is to be sent: `content` behind `head`, from the file that holds it if there is one.
struct Parts {
  std::string_view head;
  std::string_view content = {};
  const MemoryFile* file = nullptr;

  size_t size() const { return head.size() + content.size(); }
};

// Sends what the socket takes of `parts` after their first `sent` bytes, and adds that to `sent`;
// false when the connection is broken. SIGPIPE must be ignored: sendfile knows no MSG_NOSIGNAL.
bool SendSome(int socket, const Parts& parts, size_t& sent);

// What the client has not taken yet is thrown away when the socket is closed, with a reset.
void DropUnsent(int socket);

// Closes our sending side; false when the connection is broken.
bool EndSending(int socket);

}  // namespace rollcall::http
