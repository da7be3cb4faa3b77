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

// The check that puts an instance, or with an empty ID the node, into maintenance. Without a
// reason its notes say that none was given.
AgentCheck MaintenanceCheck(std::string_view service_id, std::string_view reason);

}  // namespace rollcall::model
