// LastState: what a restarted agent wants to know of the one before it: what that had in the
// registry, and what its checks said. One file of the data directory, state.json.
// Plain values; any thread.
#pragma once

#include <string>
#include <vector>

#include "agent/desired_state.h"
#include "agent/local_state.h"
#include "registry/base/result.h"

namespace rollcall::agent {

// The file of the data directory that holds one.
inline constexpr const char* kLastStateFile = "state.json";

struct LastState {
  // IDs that may be in the registry because this node's agent put them there.
  OwnIds own;
  std::vector<LastCheckState> checks;
};

std::string WriteLastState(const LastState& state);
// kInvalidArgument says where it is not what WriteLastState wrote.
Result<LastState> ReadLastState(const std::string& text);

}  // namespace rollcall::agent
