// DnsToken: the secret of the token that all workers' DNS servers answer with, which may be another
// while they run, and how often the log says that there is no such token. Any thread; to see that
// nothing has changed costs one atomic load.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>

#include "registry/base/clock.h"

namespace rollcall::dns {

class DnsToken {
 public:
  // Empty: the anonymous token.
  explicit DnsToken(std::string secret = {}) : secret_(std::move(secret)) {}

  // From the next question on.
  void Set(std::string secret) {
    const std::lock_guard lock(mutex_);
    secret_ = std::move(secret);
    tell_at_.store(kAtOnce, std::memory_order_relaxed);
    generation_.fetch_add(1, std::memory_order_release);
  }

  // Never 0. Another one after each Set.
  uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
  std::pair<std::string, uint64_t> Get() const {
    const std::lock_guard lock(mutex_);
    return {secret_, generation_.load(std::memory_order_relaxed)};
  }

  // Whether the caller is to log that this token cannot be used: once a minute for all together,
  // and of a new one at once.
  bool MayTell(Clock::TimePoint now) const {
    const Clock::TimePoint::rep next = (now + kTellInterval).time_since_epoch().count();
    Clock::TimePoint::rep at = tell_at_.load(std::memory_order_relaxed);
    return now.time_since_epoch().count() >= at &&
           tell_at_.compare_exchange_strong(at, next, std::memory_order_relaxed);
  }

 private:
  static constexpr std::chrono::minutes kTellInterval{1};
  static constexpr Clock::TimePoint::rep kAtOnce =
      Clock::TimePoint::min().time_since_epoch().count();

  mutable std::mutex mutex_;
  std::string secret_;  // guarded by mutex_
  std::atomic<uint64_t> generation_{1};
  mutable std::atomic<Clock::TimePoint::rep> tell_at_{kAtOnce};
};

}  // namespace rollcall::dns
