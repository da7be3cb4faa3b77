// Deadline: when something is done with a check that nobody has reported on. The registry keeps
// them (upkeep.h); a check's entry in the catalog refers to its own. Of a Deadline, any thread may
// call Renew.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "registry/base/clock.h"
#include "registry/base/text.h"
#include "registry/catalog/timer_wheel.h"
#include "registry/model/records.h"

namespace rollcall::catalog {

// One deadline of one check. A check entry points to its own: a deadline that no entry points to
// any more has no meaning when it passes.
class Deadline final : public WheelEntry {
 public:
  enum class Kind : uint8_t { kTtl, kReap };
  // Longer ones ("never", some say) would overflow the clock.
  static constexpr std::chrono::hours kLongest{24 * 365 * 10};

  Deadline(Kind kind, const model::Check& check, Clock::TimePoint now,
           std::chrono::nanoseconds duration)
      : WheelEntry(now + std::min<std::chrono::nanoseconds>(duration, kLongest)),
        kind_(kind),
        duration_(std::min<std::chrono::nanoseconds>(duration, kLongest)),
        node_(check.node),
        check_id_(check.check_id) {}

  // Starts the whole duration anew. Any thread.
  void Renew(Clock::TimePoint now) { MoveTo(now + duration_); }

  // As if it had been renewed then, unless it has been since. Any thread.
  void RenewAsOf(Clock::TimePoint then) { MoveOnTo(then + duration_); }

  Kind kind() const { return kind_; }
  std::chrono::nanoseconds duration() const { return duration_; }
  const Text& node() const { return node_; }
  const Text& check_id() const { return check_id_; }

 private:
  const Kind kind_;
  const std::chrono::nanoseconds duration_;
  const Text node_;  // shared with the check
  const Text check_id_;
};

}  // namespace rollcall::catalog
