// Definitions written down, so that they can be read again: the inverse of ParseAgentService and
// ParseAgentCheck (definition.h). Any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "registry/model/definition.h"
#include "registry/model/records.h"

namespace rollcall::model {

// A definition of the instance, without its node, its indexes and its checks.
nlohmann::ordered_json ServiceDefinitionJson(const Instance& instance);

// A definition of the check, its service's ID included. What is not set is left out.
nlohmann::ordered_json CheckDefinitionJson(const AgentCheck& check);

}  // namespace rollcall::model
