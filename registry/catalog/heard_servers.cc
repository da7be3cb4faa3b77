#include "registry/catalog/heard_servers.h"

#include <algorithm>

namespace rollcall::catalog {

void HeardServers::SetGroup(const GroupView& view) {
  auto state = state_.Lock();
  if (view.owner != state->group.owner) state->heard.clear();
  std::erase_if(state->heard,
                [&view](const auto& server) { return !view.servers.contains(server.first); });
  state->group = view;
}

Result<HeardServers::Stamp> HeardServers::Report(const std::string& from, const Stamp& stamp,
                                                 Clock::TimePoint now) {
  auto state = state_.Lock();
  const GroupView& group = state->group;
  if (!group.is_owner()) return Conflict("this server does not own expiry");
  if (!group.servers.contains(from)) return NotFound("no server \"" + from + "\" is known here");
  // A stamp of the future is none of ours.
  const Clock::TimePoint time{Clock::TimePoint::duration(stamp.time)};
  if (stamp.owner == *group.owner && time <= now) {
    Clock::TimePoint& heard = state->heard[from];
    heard = std::max(heard, time);
  }
  return Stamp{*group.owner, now.time_since_epoch().count()};
}

std::optional<Clock::TimePoint> HeardServers::HeardUntil(Clock::TimePoint now) {
  auto state = state_.Lock();
  if (!state->group.is_owner()) return {};
  Clock::TimePoint least = now;
  for (const auto& [id, about] : state->group.servers) {
    if (id == state->group.self) continue;
    const auto heard = state->heard.find(id);
    if (heard == state->heard.end()) return {};
    least = std::min(least, heard->second);
  }
  return least;
}

}  // namespace rollcall::catalog
