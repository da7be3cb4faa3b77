// Handlers of the writes of /v1/catalog, and of its datacenters. They run on their worker's thread.
#pragma once

#include "api/access/guard.h"
#include "api/api_worker.h"
#include "api/http/router.h"

namespace rollcall::api {

// PUT catalog/register, catalog/deregister: `true` once it is durable.
AccessHandler RegisterHandler(ApiWorker& worker);
AccessHandler DeregisterHandler(ApiWorker& worker);

// PUT catalog/heartbeat, ours: {"Node": "n", "CheckIDs": ["c", ...]} renews the TTLs of checks of a
// node, and brings those that have expired back to passing. `true`; 404 when the node or a check is
// not known, which tells an agent to register again. Nothing is written while all is well.
AccessHandler HeartbeatHandler(ApiWorker& worker);

http::Handler DatacentersHandler(ApiWorker& worker);

}  // namespace rollcall::api
