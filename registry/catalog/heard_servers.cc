#include "registry/catalog/heard_servers.h"

#include <algorithm>

namespace rollcall::catalog {

void HeardServers::SetGroup(const GroupView& view, Clock::TimePoint now) {
  auto state = state_.Lock();
  if (view.owner != state->group.owner) state->heard.clear();
  std::erase_if(state->heard, [&view](const auto& server) { return !view.IsActive(server.first); });
  if (view.is_owner()) {
    for (const auto& [id, member] : view.servers) {
      if (id != view.self && view.IsActive(id)) state->heard.emplace(id, Heard{now, {}});
    }
  }
  state->group = view;
}

Result<HeardServers::Stamp> HeardServers::Report(const std::string& from, const Stamp& stamp,
                                                 Clock::TimePoint now) {
  auto state = state_.Lock();
  const GroupView& group = state->group;
  if (!group.is_owner()) return Conflict("this server does not own expiry");
  const auto server = state->heard.find(from);
  if (server == state->heard.end()) {
    return NotFound("no server \"" + from + "\" that takes heartbeats is known here");
  }
  // A stamp of the future is none of ours.
  const Clock::TimePoint time{Clock::TimePoint::duration(stamp.time)};
  if (stamp.owner == *group.owner && time <= now) {
    std::optional<Clock::TimePoint>& until = server->second.until;
    until = until ? std::max(*until, time) : time;
  }
  return Stamp{*group.owner, now.time_since_epoch().count()};
}

std::optional<Clock::TimePoint> HeardServers::HeardUntil(Clock::TimePoint now) {
  auto state = state_.Lock();
  if (!state->group.is_owner()) return {};
  Clock::TimePoint least = now;
  for (const auto& [id, heard] : state->heard) {
    if (!heard.until) return {};
    least = std::min(least, *heard.until);
  }
  return least;
}

std::optional<std::chrono::nanoseconds> HeardServers::Behind(Clock::TimePoint now) {
  auto state = state_.Lock();
  if (!state->group.is_owner()) return {};
  Clock::TimePoint least = now;
  for (const auto& [id, heard] : state->heard) least = std::min(least, heard.last());
  return now - least;
}

std::vector<std::string> HeardServers::SilentSince(Clock::TimePoint before) {
  auto state = state_.Lock();
  std::vector<std::string> silent;
  for (const auto& [id, heard] : state->heard) {
    if (heard.last() < before) silent.push_back(id);
  }
  return silent;
}

}  // namespace rollcall::catalog
