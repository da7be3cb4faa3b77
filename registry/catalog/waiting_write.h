// WaitingWrite: a command on its way into a shared log.
// A plain value; belongs to the catalog's writer thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "registry/base/clock.h"
#include "registry/base/index.h"
#include "registry/catalog/snapshot.h"
#include "registry/catalog/writer.h"

namespace rollcall::catalog {

struct WaitingWrite {
  Pending pending;
  Clock::TimePoint give_up;
  Index not_before;          // resolved against this or a later state only
  bool is_verified = false;  // not_before was the log's head after the command had come
  int attempts = 0;
};

// What one whose client may be told now is answered with.
struct WriteAnswer {
  Done done;
  Result<Written> written;
  // What has just been written: what it names is alive.
  std::optional<model::Command> command = {};
};

// What stands for all objects of access control where nodes are named: see DocumentKind::kAcl.
inline constexpr const char* kNodeOfAcl = "";

// The nodes that a command reads or changes, in lower case: its own, and the one that it takes the
// ID of.
std::vector<std::string> NodesOf(const model::Command& command, const Snapshot& state);

}  // namespace rollcall::catalog
