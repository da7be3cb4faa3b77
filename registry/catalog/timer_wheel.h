// TimerWheel: one structure for all deadlines of the registry; a million of them are a million
// small records. Renewing a deadline is one store to an atomic, from any thread; the wheel finds
// out when it comes to the old one, and files the deadline again.
//
// A hierarchical timing wheel (Varghese and Lauck, 1987): kLevels wheels of kSlots slots, each tick
// of a level as long as the whole wheel below it. A deadline is filed by the time that it had when
// it was filed, is looked at up to one tick late, and never early.
//
// Threads: the wheel belongs to one thread. Of a Deadline, `due` may be moved by any thread.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "registry/base/clock.h"

namespace rollcall::catalog {

// Base of what is filed in a wheel.
class WheelEntry {
 public:
  explicit WheelEntry(Clock::TimePoint due) : due_(Ticks(due)) {}
  virtual ~WheelEntry() = default;

  Clock::TimePoint due() const {
    return Clock::TimePoint(Clock::TimePoint::duration(due_.load(std::memory_order_acquire)));
  }
  // Any thread. A time earlier than the one that it is filed under is noticed only then.
  void MoveTo(Clock::TimePoint due) { due_.store(Ticks(due), std::memory_order_release); }
  // Any thread. The wheel drops it when it comes to it.
  void Cancel() { due_.store(kNever, std::memory_order_release); }
  bool is_cancelled() const { return due_.load(std::memory_order_acquire) == kNever; }

 private:
  friend class TimerWheel;
  static constexpr int64_t kNever = INT64_MAX;
  static int64_t Ticks(Clock::TimePoint time) { return time.time_since_epoch().count(); }

  std::atomic<int64_t> due_;
  bool is_filed_ = false;  // the wheel's
};

class TimerWheel {
 public:
  static constexpr std::chrono::milliseconds kTick{16};

  explicit TimerWheel(Clock::TimePoint now);

  // Files an entry under its deadline; nothing happens when it is filed already.
  void File(const std::shared_ptr<WheelEntry>& entry);

  // Hands every entry whose deadline has passed to `expired`, once, and unfiles it. `expired` may
  // file entries.
  void Advance(Clock::TimePoint now,
               const std::function<void(const std::shared_ptr<WheelEntry>&)>& expired);

  // Calls `visit` for every entry that is filed; it may move them.
  void ForEach(const std::function<void(WheelEntry&)>& visit) const;

  // When Advance should be called next at the latest: not later than the first deadline plus a
  // tick, maybe earlier; TimePoint::max() for an empty wheel.
  Clock::TimePoint NextWake() const;

  size_t size() const { return size_; }

 private:
  static constexpr size_t kSlotBits = 8;
  static constexpr size_t kSlots = size_t{1} << kSlotBits;
  static constexpr size_t kLevels = 4;  // 16 ms ticks: 2.2 years in all
  using Slot = std::vector<std::shared_ptr<WheelEntry>>;

  uint64_t TickOf(Clock::TimePoint time) const;
  void FileAt(std::shared_ptr<WheelEntry> entry, uint64_t tick);
  void Cascade(size_t level);

  const Clock::TimePoint start_;
  uint64_t tick_ = 0;  // all ticks before this one have been handled
  std::array<std::array<Slot, kSlots>, kLevels> slots_;
  size_t size_ = 0;
};

}  // namespace rollcall::catalog
