// A port of loopback that is free for TCP and for UDP, and stays this test's own until the object
// goes: tests that run at the same time never get the same one, and a server that a test restarts
// gets its port back. Chosen below the range from which the kernel hands out ports by itself.
#pragma once

#include <string>

namespace rollcall::e2e {

class Port {
 public:
  Port();
  ~Port();
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;

  int number() const { return number_; }
  std::string text() const { return std::to_string(number_); }
  // "127.0.0.1:20123"
  std::string address() const { return "127.0.0.1:" + text(); }

 private:
  bool Take(int number);

  int number_ = 0;
  int claim_ = -1;  // a socket whose name says "taken" to the other tests
};

}  // namespace rollcall::e2e
