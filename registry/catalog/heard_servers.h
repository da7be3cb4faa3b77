// HeardServers: what the owner of expiry knows of the heartbeats that other servers have accepted.
//
// Each of them reports again and again what it has accepted since its last report, and brings the
// stamp that it was given for that one. All that it had accepted when it got the stamp is in this
// report or in one before: so the time of the stamp is how far it has been heard, by the owner's
// clock alone. The owner may act on what has passed until the least of these.
// Any thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "registry/base/clock.h"
#include "registry/base/index.h"
#include "registry/base/lock_guarded.h"
#include "registry/base/result.h"
#include "registry/catalog/server_group.h"

namespace rollcall::catalog {

class HeardServers {
 public:
  // What a report is answered with, to be brought along with the next one.
  struct Stamp {
    std::string owner;  // GroupView::owner when it was given; empty: none was
    int64_t time = 0;
  };

  // The group has changed.
  void SetGroup(const GroupView& view, Clock::TimePoint now);
  GroupView group() { return state_.Lock()->group; }

  // A report of server `from` has been carried out, which came with `stamp`. kConflict: this server
  // does not own expiry; kNotFound: it knows of no such server that takes heartbeats.
  Result<Stamp> Report(const std::string& from, const Stamp& stamp, Clock::TimePoint now);

  // How far all servers have been heard; none: not all of them have been, or this is not the owner.
  std::optional<Clock::TimePoint> HeardUntil(Clock::TimePoint now);

  // The servers that have not been heard since `before`, though they were to be heard by then.
  std::vector<std::string> SilentSince(Clock::TimePoint before);
  // For how long the one that has been heard least has not been; none: this is not the owner.
  std::optional<std::chrono::nanoseconds> Behind(Clock::TimePoint now);
  // How many others there are to be heard.
  size_t expected() { return state_.Lock()->heard.size(); }

 private:
  struct Heard {
    Clock::TimePoint expected_since;
    std::optional<Clock::TimePoint> until;

    Clock::TimePoint last() const {
      return std::max(expected_since, until.value_or(expected_since));
    }
  };
  struct State {
    GroupView group;
    std::map<std::string, Heard> heard;  // while this is the owner: all others that take heartbeats
  };
  LockGuarded<State> state_;
};

}  // namespace rollcall::catalog
