// Everything that a data directory has for an agent that starts. Blocking; any thread.
#pragma once

#include <string>

#include "agent/keep/last_state.h"
#include "agent/local_state.h"
#include "registry/model/definition.h"

namespace rollcall::agent {

struct Kept {
  Definitions definitions;
  LastState last;
};

// `rules`: for what programs registered. `trust_checks`: whether what checks said is taken over.
// What is damaged is set aside and told in the log.
Kept LoadKept(const std::string& data_dir, const model::CheckRules& rules, bool trust_checks);

}  // namespace rollcall::agent
