// Contact: how far behind a shared log this server may be. A server with a store of its own is
// never behind. Any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>

#include "registry/base/clock.h"

namespace rollcall::catalog {

class Contact {
 public:
  // For how long the catalog may have been left behind: everything that had been acknowledged
  // before that is in it.
  std::chrono::nanoseconds Age(Clock::TimePoint now) const {
    if (!is_shared_.load(std::memory_order_relaxed)) return std::chrono::nanoseconds(0);
    const Clock::TimePoint as_of(
        Clock::TimePoint::duration(as_of_.load(std::memory_order_acquire)));
    return std::max<std::chrono::nanoseconds>(now - as_of, std::chrono::nanoseconds(0));
  }
  bool is_shared() const { return is_shared_.load(std::memory_order_relaxed); }

  // The writer's.
  void BeShared() { is_shared_.store(true, std::memory_order_relaxed); }
  void Note(Clock::TimePoint as_of) {
    as_of_.store(as_of.time_since_epoch().count(), std::memory_order_release);
  }

 private:
  std::atomic<bool> is_shared_{false};
  std::atomic<Clock::TimePoint::duration::rep> as_of_{0};
};

}  // namespace rollcall::catalog
