// Handlers of /v1/agent that operate the server itself. They run on their worker's thread.
#pragma once

#include "api/api_worker.h"
#include "api/http/router.h"

namespace rollcall::api {

// 200 when everything that can be applied was applied, 400 when the configuration is refused.
http::Handler ReloadHandler(ApiWorker& worker);
// 200, and the server stops.
http::Handler LeaveHandler(ApiWorker& worker);

http::Handler VersionHandler(ApiWorker& worker);
http::Handler HostHandler(ApiWorker& worker);
// Consul's JSON, or with ?format=prometheus the text exposition format, version 0.0.4.
http::Handler MetricsHandler(ApiWorker& worker);

}  // namespace rollcall::api
