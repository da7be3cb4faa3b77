// The checker: goes through the history of a run and says, in words, what must not be in it.
// Pure functions, any thread.
#pragma once

#include <string>
#include <vector>

#include "tests/chaos/history.h"

namespace rollcall::chaos {

// A sentence each; at most a few of each kind are told.
using Findings = std::vector<std::string>;

struct Bounds {
  // Of the checks that heartbeats keep alive.
  Time ttl = std::chrono::seconds(6);
  // How old a default read may be.
  Time most_stale = std::chrono::seconds(6);
  // From a change, or when something was broken then or is within that time: from when it was whole
  // again, until a watcher has been told.
  Time told_within = std::chrono::seconds(5);
};

// Consistent reads and writes of each key: see linearizability.h. With final reads in the history
// this says too that what was acknowledged is there.
Findings CheckLinearizable(const History& history);

// - What a server says of a key never has a lower index than what it has said before: reads of
//   every kind, over restarts. An acknowledged write counts as if its server had been read.
// - Nor has a consistent read at any server a lower one than a consistent read before it.
// - Nor is a watcher told a lower one than it brought along, wherever it goes.
// - The same value of a key has the same ModifyIndex at all servers.
// - An answer holds what had been written up to its index: none with the same index says something
//   else, and no value that was written between the one shown and that index is passed over.
Findings CheckIndexes(const History& history);

// A check was critical although no time of its TTL had passed between two heartbeats; those count
// that were refused, too: their clients go to the next server, and one that can expire a check must
// be one that takes its heartbeats. Times are taken so that what is found is sure.
Findings CheckExpiry(const History& history, const Bounds& bounds);

// What a consistent read has shown of a key, or anything later, its watcher is told in time.
// `until`: when the watchers stopped.
Findings CheckWatchers(const History& history, const Bounds& bounds, Time until);

}  // namespace rollcall::chaos
