// Handlers that list the registry's servers, as Consul's Raft and autopilot show theirs. The leader
// is the server that owns expiry, the peers are all servers.
// They run on their worker's thread.
#pragma once

#include "api/api_worker.h"
#include "api/http/router.h"

namespace rollcall::api {

// Its address, or "" when none is known.
http::Handler LeaderHandler(ApiWorker& worker);
http::Handler PeersHandler(ApiWorker& worker);

// GET operator/raft/configuration. With more than Consul has: where each one's HTTP API is, and of
// the server that answers, which alone it knows, LastIndex, LastContact and Trouble.
http::Handler RaftConfigurationHandler(ApiWorker& worker);

// GET operator/autopilot/health: 429 when not all are well. Of the others this server knows that
// they are alive, and not how far they have come: that is null.
http::Handler AutopilotHealthHandler(ApiWorker& worker);

}  // namespace rollcall::api
