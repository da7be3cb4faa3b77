// Everything that a data directory has for an agent that starts. Blocking; any thread.
#pragma once

#include <chrono>
#include <string>

#include "agent/keep/last_state.h"
#include "agent/local_state.h"
#include "registry/model/definition.h"

namespace rollcall::agent {

// The file of the data directory that holds a LastState.
inline constexpr const char* kLastStateFile = "state.json";

struct Kept {
  Definitions definitions;
  LastState last;
};

// `rules`: for what programs registered. What checks said is taken over when an agent was alive
// within `trust`, on this boot of the host: until then nobody has noticed that it was away. After
// that, services may have come to harm unseen, and their checks begin anew.
// What is damaged is set aside and told in the log.
Kept LoadKept(const std::string& data_dir, const model::CheckRules& rules,
              std::chrono::milliseconds trust);

}  // namespace rollcall::agent
