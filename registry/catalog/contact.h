// Contact: how far behind a shared log this server may be, and what is wrong if anything is. A
// server with a store of its own is never behind. Any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <string>

#include "registry/base/clock.h"
#include "registry/base/lock_guarded.h"
#include "registry/base/result.h"

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
  // Why the log cannot be followed or written to, and since when that is so, or is not.
  struct Standing {
    std::string trouble;                    // empty: all is well
    std::optional<Clock::TimePoint> since;  // none: nothing is known yet
  };
  Standing standing() const { return *standing_.Lock(); }
  bool is_shared() const { return is_shared_.load(std::memory_order_relaxed); }

  // The writer's.
  void BeShared() { is_shared_.store(true, std::memory_order_relaxed); }
  void Note(Clock::TimePoint as_of) {
    as_of_.store(as_of.time_since_epoch().count(), std::memory_order_release);
  }
  // What is wrong now, as often as one likes.
  void NoteTrouble(const std::optional<Error>& trouble, Clock::TimePoint now) {
    auto standing = standing_.Lock();
    if (!standing->since || trouble.has_value() == standing->trouble.empty()) {
      standing->since = now;
    }
    standing->trouble = trouble ? trouble->message : std::string();
  }

 private:
  std::atomic<bool> is_shared_{false};
  std::atomic<Clock::TimePoint::duration::rep> as_of_{0};
  mutable LockGuarded<Standing> standing_;
};

}  // namespace rollcall::catalog
