// TimerWheel: one structure for all deadlines of the registry; a million of them are a million
// small records. Renewing a deadline is one store to an atomic, from any thread; the wheel finds
// out when it comes to the old one, and files the deadline again.
//
// A hierarchical timing wheel (Varghese and Lauck, 1987): kLevels wheels, each tick of a level as
// long as the whole wheel below it. A deadline is filed by the time that it had when it was filed,
// is looked at up to one tick late, and never early. The first wheel is wide enough for most TTLs:
// what begins further up comes down in one tick with all others of its slot, and makes that tick
// long (a million deadlines half a minute away, in a first wheel of four seconds: 50 ms).
//
// Threads: the wheel belongs to one thread. Of a Deadline, `due` may be moved by any thread.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "registry/base/clock.h"
#include "registry/base/counted.h"

namespace rollcall::catalog {

// Base of what is filed in a wheel.
class WheelEntry : public RefCounter<WheelEntry> {
 public:
  explicit WheelEntry(Clock::TimePoint due) : due_(Ticks(due)) {}
  virtual ~WheelEntry() = default;

  Clock::TimePoint due() const {
    return Clock::TimePoint(Clock::TimePoint::duration(due_.load(std::memory_order_acquire)));
  }
  // Any thread. A time earlier than the one that it is filed under is noticed only then.
  void MoveTo(Clock::TimePoint due) { due_.store(Ticks(due), std::memory_order_release); }
  // The same, unless it is later already. Any thread.
  void MoveOnTo(Clock::TimePoint due) {
    int64_t now = due_.load(std::memory_order_acquire);
    while (now < Ticks(due) &&
           !due_.compare_exchange_weak(now, Ticks(due), std::memory_order_acq_rel)) {
    }
  }
  // Any thread. The wheel drops it when it comes to it.
  void Cancel() { due_.store(kNever, std::memory_order_release); }
  bool is_cancelled() const { return due_.load(std::memory_order_acquire) == kNever; }

 private:
  friend class TimerWheel;
  static constexpr int64_t kNever = INT64_MAX;
  static int64_t Ticks(Clock::TimePoint time) { return time.time_since_epoch().count(); }

  bool is_filed_ = false;  // the wheel's
  std::atomic<int64_t> due_;
};

class TimerWheel {
 public:
  static constexpr std::chrono::milliseconds kTick{16};

  using Pointer = boost::intrusive_ptr<WheelEntry>;

  explicit TimerWheel(Clock::TimePoint now);

  // Files an entry under its deadline; nothing happens when it is filed already.
  void File(const Pointer& entry);

  // Hands every entry whose deadline has passed to `expired`, once, and unfiles it. `expired` may
  // file entries.
  void Advance(Clock::TimePoint now, const std::function<void(const Pointer&)>& expired);

  // When Advance should be called next at the latest: not later than the first deadline plus a
  // tick, maybe earlier; TimePoint::max() for an empty wheel.
  Clock::TimePoint NextWake() const;

  size_t size() const { return size_; }

 private:
  static constexpr size_t kFirstBits = 12;  // 16 ms ticks: 65 s
  static constexpr size_t kSlotBits = 8;    // of each other level: 4.7 hours, 50 days, 35 years
  static constexpr size_t kLevels = 4;
  using Slot = std::vector<Pointer>;

  // A slot of `level` is 2^ShiftOf(level) ticks long.
  static constexpr size_t ShiftOf(size_t level) {
    return level == 0 ? 0 : kFirstBits + (level - 1) * kSlotBits;
  }
  static constexpr size_t SlotsOf(size_t level) {
    return size_t{1} << (level == 0 ? kFirstBits : kSlotBits);
  }
  static size_t PlaceOf(size_t level, uint64_t tick) {
    return (tick >> ShiftOf(level)) & (SlotsOf(level) - 1);
  }

  uint64_t TickOf(Clock::TimePoint time) const;
  // The first tick from tick_ on, and before `end`, whose slot of the lowest level may hold an
  // entry.
  uint64_t NextOccupied(uint64_t end) const;
  void FileAt(Pointer entry, uint64_t tick);
  void Cascade(size_t level);

  const Clock::TimePoint start_;
  uint64_t tick_ = 0;  // all ticks before this one have been handled
  std::array<std::vector<Slot>, kLevels> slots_;
  // A bit for each slot of the lowest level: whether it may hold an entry.
  std::array<uint64_t, (size_t{1} << kFirstBits) / 64> occupied_{};
  size_t size_ = 0;
};

}  // namespace rollcall::catalog
