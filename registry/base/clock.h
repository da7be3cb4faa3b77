// Clock: monotonic time, injected so that tests can hold it still.
// Implementations may be read from any thread.
#pragma once

#include <chrono>

namespace rollcall {

class Clock {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  virtual ~Clock() = default;
  virtual TimePoint Now() const = 0;
};

class SteadyClock final : public Clock {
 public:
  TimePoint Now() const override { return std::chrono::steady_clock::now(); }
};

}  // namespace rollcall
