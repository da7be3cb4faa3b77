// Handlers that say what this server is: /v1/agent/self, and / for who asks nothing at all.
// They run on their worker's thread.
#pragma once

#include "api/api_worker.h"
#include "api/http/router.h"

namespace rollcall::api {

http::Handler AgentSelfHandler(ApiWorker& worker);

// GET /: "Consul Agent", by which programs tell that they have found one.
http::Handler RootHandler();

}  // namespace rollcall::api
