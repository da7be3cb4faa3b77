// Handlers of /v1/agent/services and /v1/agent/service: the service instances of the server's own
// node, which live in the catalog like all others. They run on their worker's thread.
#pragma once

#include "api/access/guard.h"
#include "api/api_worker.h"

namespace rollcall::api {

AccessHandler AgentServicesHandler(ApiWorker& worker);

// GET agent/service/:id, with a ContentHash of what it says. With ?hash=, answered when the hash is
// another one, or the service is gone (404), or ?wait= is up.
AccessHandler AgentServiceHandler(ApiWorker& worker);

// PUT agent/service/register. The server's own instance is refused.
AccessHandler AgentRegisterServiceHandler(ApiWorker& worker);
// PUT agent/service/deregister/:id. What is not there, or is the server's own, is no error.
AccessHandler AgentDeregisterServiceHandler(ApiWorker& worker);

}  // namespace rollcall::api
