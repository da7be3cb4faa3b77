#include "dns/recursor_health.h"

#include <cassert>

namespace rollcall::dns {

std::optional<size_t> RecursorHealth::Next(const std::vector<bool>& tried) {
  assert(tried.size() == servers_.size());
  const Clock::TimePoint now = clock_->Now();
  std::optional<size_t> behind;
  for (size_t i = 0; i < servers_.size(); ++i) {
    if (tried[i]) continue;
    std::optional<Clock::TimePoint>& until = servers_[i].behind_until;
    if (until && *until > now) {
      if (!behind) behind = i;
      continue;
    }
    if (until) until = now + kBehind;  // the queries after this one do not wait for it, too
    return i;
  }
  return behind;
}

void RecursorHealth::OnAnswer(size_t server) {
  servers_[server].answered_at = clock_->Now();
  servers_[server].behind_until.reset();
}

void RecursorHealth::OnSilence(size_t server, Clock::TimePoint asked_at) {
  const std::optional<Clock::TimePoint>& answered_at = servers_[server].answered_at;
  if (!answered_at || *answered_at <= asked_at) OnUnreachable(server);
}

void RecursorHealth::OnUnreachable(size_t server) {
  servers_[server].behind_until = clock_->Now() + kBehind;
}

}  // namespace rollcall::dns
