// A bare socket to a server on loopback, for what no proper client would send.
#pragma once

#include <chrono>
#include <string>

namespace rollcall::e2e {

class RawSocket {
 public:
  enum class Kind { kTcp, kUdp };
  RawSocket(Kind kind, int port);
  ~RawSocket();
  RawSocket(RawSocket&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;

  // False when the other side has closed.
  bool Send(const std::string& bytes);
  // What arrives until the other side closes or the time is over.
  std::string Receive(std::chrono::milliseconds timeout);
  // Whether the other side closes within `timeout`; what arrives meanwhile is dropped.
  bool ClosedWithin(std::chrono::milliseconds timeout);

 private:
  int fd_;
};

}  // namespace rollcall::e2e
