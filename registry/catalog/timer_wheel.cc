#include "registry/catalog/timer_wheel.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace rollcall::catalog {

TimerWheel::TimerWheel(Clock::TimePoint now) : start_(now) {
  for (size_t level = 0; level < kLevels; ++level) slots_[level].resize(SlotsOf(level));
}

// The first tick at whose beginning `time` has passed: rounded up, so that nothing expires early.
uint64_t TimerWheel::TickOf(Clock::TimePoint time) const {
  if (time <= start_) return 0;
  const auto since =
      std::min<Clock::TimePoint::duration>(time - start_, std::chrono::hours(24 * 365));
  return static_cast<uint64_t>((since + kTick - Clock::TimePoint::duration(1)) / kTick);
}

void TimerWheel::File(const Pointer& entry) {
  if (entry->is_filed_ || entry->is_cancelled()) return;
  entry->is_filed_ = true;
  ++size_;
  FileAt(entry, TickOf(entry->due()));
}

void TimerWheel::FileAt(Pointer entry, uint64_t tick) {
  tick = std::max(tick, tick_);
  // The lowest level on which the tick lies within one turn.
  size_t level = 0;
  while (level + 1 < kLevels &&
         (tick >> ShiftOf(level)) - (tick_ >> ShiftOf(level)) >= SlotsOf(level)) {
    ++level;
  }
  const uint64_t furthest = ((tick_ >> ShiftOf(level)) + SlotsOf(level) - 1) << ShiftOf(level);
  const size_t place = PlaceOf(level, std::min(tick, furthest));
  slots_[level][place].push_back(std::move(entry));
  if (level == 0) occupied_[place / 64] |= uint64_t{1} << place % 64;
}

// Spreads the slot of `level` that begins at tick_ over the levels below.
void TimerWheel::Cascade(size_t level) {
  const size_t place = PlaceOf(level, tick_);
  if (place == 0 && level + 1 < kLevels) Cascade(level + 1);
  Slot slot = std::exchange(slots_[level][place], {});
  for (auto& entry : slot) {
    if (entry->is_cancelled()) {
      entry->is_filed_ = false;
      --size_;
      continue;
    }
    const uint64_t tick = TickOf(entry->due());
    FileAt(std::move(entry), tick);
  }
}

void TimerWheel::Advance(Clock::TimePoint now, const std::function<void(const Pointer&)>& expired) {
  if (now < start_) return;
  const auto last = static_cast<uint64_t>((now - start_) / kTick);
  while (tick_ <= last) {
    const size_t place = PlaceOf(0, tick_);
    if (place == 0 && tick_ != 0) Cascade(1);
    Slot slot = std::exchange(slots_[0][place], {});
    occupied_[place / 64] &= ~(uint64_t{1} << place % 64);
    ++tick_;
    if (size_ == 0) {  // nothing filed anywhere: skip the idle time
      tick_ = last + 1;
      return;
    }
    for (auto& entry : slot) {
      if (entry->is_cancelled()) {
        entry->is_filed_ = false;
        --size_;
      } else if (entry->due() > now) {  // renewed since it was filed
        const uint64_t tick = TickOf(entry->due());
        FileAt(std::move(entry), tick);
      } else {
        entry->is_filed_ = false;
        --size_;
        expired(entry);
      }
    }
    if (slots_[0][place].empty()) {  // keep the memory of a busy slot
      slot.clear();
      slots_[0][place].swap(slot);
    }
  }
}

Clock::TimePoint TimerWheel::NextWake() const {
  if (size_ == 0) return Clock::TimePoint::max();
  const auto time_of = [this](uint64_t tick) {
    return start_ + kTick * static_cast<int64_t>(tick);
  };
  // A new turn of the lowest wheel begins with what comes down from the levels above.
  constexpr uint64_t kTurn = SlotsOf(0);
  if (tick_ % kTurn == 0) return time_of(tick_);
  return time_of(NextOccupied((tick_ / kTurn + 1) * kTurn));
}

uint64_t TimerWheel::NextOccupied(uint64_t end) const {
  for (uint64_t tick = tick_; tick < end;) {
    const size_t place = PlaceOf(0, tick);
    const uint64_t rest = occupied_[place / 64] >> place % 64;
    if (rest != 0) return tick + static_cast<uint64_t>(std::countr_zero(rest));
    tick += 64 - place % 64;
  }
  return end;
}

}  // namespace rollcall::catalog
