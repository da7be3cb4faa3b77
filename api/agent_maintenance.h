// Maintenance mode of the server's own node and of its services: a critical check with a name of
// its own, in the catalog like all others, so that it outlives a restart.
#pragma once

#include "api/access/guard.h"
#include "api/api_worker.h"

namespace rollcall::api {

// PUT agent/maintenance?enable=&reason= and agent/service/maintenance/:id?enable=&reason=.
// Enabling what is enabled keeps the first reason; disabling what is not enabled does nothing.
// Errors, in Consul's words: 400 "Missing value for enable", 404 "No service registered with ID".
AccessHandler AgentMaintenanceHandler(ApiWorker& worker);
AccessHandler AgentServiceMaintenanceHandler(ApiWorker& worker);

}  // namespace rollcall::api
