// Maintenance mode: a critical check with an ID of its own, that nothing but the end of maintenance
// takes away. IDs, names and reasons are Consul's. Plain values.
#pragma once

#include <string>
#include <string_view>

#include "registry/model/definition.h"
#include "registry/model/records.h"

namespace rollcall::model {

// Whether a check says that its node or instance is in maintenance, and not that it is unwell.
bool IsMaintenance(const Check& check);

// Whether a check of the service with this ID (empty: of the node) has the ID of the one that puts
// another service, or the node, into maintenance: who may speak for one alone must not take it.
// IDs are compared without regard to case.
bool TakesAnothersMaintenance(std::string_view check_id, std::string_view service_id);

// The check that puts an instance, or with an empty ID the node, into maintenance. Without a
// reason its notes say that none was given.
AgentCheck MaintenanceCheck(std::string_view service_id, std::string_view reason);

}  // namespace rollcall::model
