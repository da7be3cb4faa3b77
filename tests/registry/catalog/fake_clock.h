// A clock that stands still until it is told to move. Any thread.
#pragma once

#include <atomic>

#include "registry/base/clock.h"

namespace rollcall::catalog {

class FakeClock final : public Clock {
 public:
  TimePoint Now() const override { return TimePoint(TimePoint::duration(now_.load())); }
  void Advance(TimePoint::duration by) { now_ += by.count(); }

 private:
  std::atomic<TimePoint::duration::rep> now_{TimePoint::duration(std::chrono::hours(1)).count()};
};

}  // namespace rollcall::catalog
