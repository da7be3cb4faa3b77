// StoreWait: a server that starts before the etcd it shares with others waits for it, and says so.
// The constructing thread's own.
#pragma once

#include <chrono>
#include <string>

#include "registry/base/result.h"

namespace rollcall::cli {

class StoreWait {
 public:
  // Whether what ended with that error is to be tried again, which is so while etcd cannot be
  // reached: then it waits for a second, and logs the reason at first, whenever it is another one,
  // and once a minute. What etcd refuses, it will refuse again.
  bool IsWorthAnotherTry(const Error& error);
  // It has worked: says so, if there was anything to wait for.
  void End();

 private:
  using Clock = std::chrono::steady_clock;

  std::string told_;
  Clock::time_point began_;
  Clock::time_point tell_again_;
};

}  // namespace rollcall::cli
