#include "agent/held_outputs.h"

#include <algorithm>

namespace rollcall::agent {

bool HeldOutputs::Holds(const std::string& check_id) {
  if (interval_.count() <= 0) return false;
  const Clock::TimePoint now = clock_.Now();
  const auto known = until_.find(check_id);
  if (known != until_.end()) return now < known->second;
  const auto wait = std::chrono::duration_cast<Clock::TimePoint::duration>(
      std::chrono::duration<double, std::milli>(interval_) * (0.5 + random_()));
  until_.emplace(check_id, now + wait);
  return true;
}

void HeldOutputs::Release(std::string_view check_id) {
  const auto known = until_.find(check_id);
  if (known != until_.end()) until_.erase(known);
}

void HeldOutputs::ReleasePassed() {
  std::erase_if(until_, [now = clock_.Now()](const auto& held) { return held.second <= now; });
}

Clock::TimePoint HeldOutputs::Next() const {
  Clock::TimePoint next = Clock::TimePoint::max();
  for (const auto& [id, until] : until_) next = std::min(next, until);
  return next;
}

}  // namespace rollcall::agent
