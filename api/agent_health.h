// Handlers of /v1/agent/health: whether a service of the server's own node can be used
// (instance_health.h). They run on their worker's thread.
#pragma once

#include "api/access/guard.h"
#include "api/api_worker.h"
#include "api/http/router.h"

namespace rollcall::api {

// GET agent/health/service/id/:id.
AccessHandler AgentHealthByIdHandler(ApiWorker& worker);
// GET agent/health/service/name/:name: all instances; the status is the worst of theirs.
http::Handler AgentHealthByNameHandler(ApiWorker& worker);

}  // namespace rollcall::api
