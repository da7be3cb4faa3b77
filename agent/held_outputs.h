// HeldOutputs: changes of checks' outputs that need not go to the registry at once. A check that
// says something new each time while its status stays the same would otherwise be a write each
// time; so such a change waits, for half to one and a half times an interval (Consul's
// check_update_interval). Belongs to the sync thread.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "agent/desired_state.h"
#include "registry/base/clock.h"

namespace rollcall::agent {

class HeldOutputs {
 public:
  // `random` gives a number in [0, 1). An interval of 0: nothing is held.
  HeldOutputs(const Clock& clock, std::chrono::milliseconds interval,
              std::function<double()> random)
      : clock_(clock), interval_(interval), random_(std::move(random)) {}

  // Whether the output of this check, which has changed, is to wait. When it need not any more it
  // goes with the next writes.
  bool Holds(const std::string& check_id);
  // The check has gone to the registry as it is now, or has no other output than there.
  void Release(std::string_view check_id);
  // Forgets those that wait no longer.
  void ReleasePassed();
  // When the next one has waited long enough; Clock::TimePoint::max(): none waits.
  Clock::TimePoint Next() const;

 private:
  const Clock& clock_;
  const std::chrono::milliseconds interval_;
  const std::function<double()> random_;
  IdMap<Clock::TimePoint> until_;
};

}  // namespace rollcall::agent
