// Renewals: which deadlines have been renewed by heartbeats here, for the server that acts on them
// when they pass. Collected only while somebody takes them. And how many have been passed on.
// Any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "registry/base/clock.h"
#include "registry/base/lock_guarded.h"
#include "registry/catalog/deadline.h"

namespace rollcall::catalog {

struct Renewal {
  boost::intrusive_ptr<Deadline> deadline;
  Clock::TimePoint at;
};

class Renewals {
 public:
  // From now on they are kept, or not any more.
  void Collect(bool wanted) { is_wanted_.store(wanted, std::memory_order_release); }

  void Note(const boost::intrusive_ptr<Deadline>& deadline, Clock::TimePoint at) {
    if (!is_wanted_.load(std::memory_order_acquire)) return;
    LaneOfThisThread().Lock()->push_back({deadline, at});
  }

  // Those since the last call, in no order; a deadline may be there several times.
  std::vector<Renewal> Take() {
    std::vector<Renewal> all;
    for (auto& lane : lanes_) {
      std::vector<Renewal> some = std::exchange(*lane.Lock(), {});
      all.insert(all.end(), std::make_move_iterator(some.begin()),
                 std::make_move_iterator(some.end()));
    }
    return all;
  }

  // So many have been taken by the server that acts on them; so many have come from others.
  void CountForwarded(size_t count) { forwarded_.fetch_add(count, std::memory_order_relaxed); }
  void CountReceived(size_t count) { received_.fetch_add(count, std::memory_order_relaxed); }
  uint64_t forwarded() const { return forwarded_.load(std::memory_order_relaxed); }
  uint64_t received() const { return received_.load(std::memory_order_relaxed); }

 private:
  // So that the workers do not wait for each other.
  static constexpr size_t kLanes = 16;

  LockGuarded<std::vector<Renewal>>& LaneOfThisThread() {
    static std::atomic<size_t> threads{0};
    thread_local const size_t number = threads.fetch_add(1, std::memory_order_relaxed);
    return lanes_[number % kLanes];
  }

  std::atomic<bool> is_wanted_{false};
  std::atomic<uint64_t> forwarded_{0};
  std::atomic<uint64_t> received_{0};
  std::array<LockGuarded<std::vector<Renewal>>, kLanes> lanes_;
};

}  // namespace rollcall::catalog
