// A TCP server on loopback that accepts whoever comes, reads what it is sent, and never answers.
// Has a thread of its own; the rest may be called from any.
#pragma once

#include <atomic>
#include <string>
#include <thread>

#include "tests/e2e/harness/port.h"

namespace rollcall::e2e {

class SilentServer {
 public:
  SilentServer();
  ~SilentServer();
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;

  std::string address() const { return port_.address(); }
  // How many connections it has accepted.
  int accepted() const { return accepted_; }

 private:
  void Run();

  const Port port_;
  const int listener_;
  std::atomic<int> accepted_{0};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace rollcall::e2e
