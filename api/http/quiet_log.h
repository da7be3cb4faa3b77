// QuietLog: when to log what may happen to a crowd at once: the first time, and then once in a
// while. A value of one thread.
#pragma once

#include <chrono>

namespace rollcall::http {

class QuietLog {
 public:
  static constexpr std::chrono::seconds kPeriod{10};

  // Not within kPeriod of the last time that it was.
  bool IsTime() {
    const auto now = std::chrono::steady_clock::now();
    if (now < quiet_until_) return false;
    quiet_until_ = now + kPeriod;
    return true;
  }

 private:
  std::chrono::steady_clock::time_point quiet_until_;
};

}  // namespace rollcall::http
