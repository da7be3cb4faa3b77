// Handlers that say what this server is and does: /v1/agent/self and monitor, and / for who asks
// nothing at all.
// They run on their worker's thread.
#pragma once

#include "api/access/guard.h"
#include "api/api_worker.h"
#include "api/http/router.h"

namespace rollcall::api {

http::Handler AgentSelfHandler(ApiWorker& worker);

// GET agent/monitor (api/shared/monitor_handler.h). It ends once its token is good no more, or does
// not grant agent:read any more.
AccessHandler OwnMonitorHandler(ApiWorker& worker);

// GET /: "Consul Agent", by which programs tell that they have found one.
http::Handler RootHandler();

}  // namespace rollcall::api
