#include "agent/dns_health.h"

#include <algorithm>

namespace rollcall::agent {

std::optional<size_t> DnsHealth::Next(DnsServerSet asked) const {
  std::optional<size_t> best;
  for (size_t i = 0; i < servers_.size(); ++i) {
    const size_t server = (current_ + i) % servers_.size();
    if ((asked >> server & 1u) != 0) continue;
    if (!servers_[server].down) return server;
    if (!best) best = server;
  }
  return best;
}

void DnsHealth::OnAnswer(size_t server, Clock::TimePoint now) {
  servers_[server].down = false;
  servers_[server].heard_at = now;
  current_ = server;
}

void DnsHealth::OnSilence(size_t server, Clock::TimePoint asked_at, Clock::TimePoint now) {
  const auto& heard_at = servers_[server].heard_at;
  if (!heard_at || *heard_at <= asked_at) OnUnreachable(server, now);
}

void DnsHealth::OnUnreachable(size_t server, Clock::TimePoint now) {
  servers_[server].down = true;
  servers_[server].failed_at = now;
}

bool DnsHealth::AllDown(Clock::TimePoint now) const {
  return std::all_of(servers_.begin(), servers_.end(), [now](const Server& server) {
    return server.down && now - server.failed_at < kKnownFor;
  });
}

bool DnsHealth::TakeRecheck(Clock::TimePoint now) {
  if (rechecked_at_ && now - *rechecked_at_ < kRecheck) return false;
  rechecked_at_ = now;
  return true;
}

}  // namespace rollcall::agent
