// Handlers of /v1/catalog, /v1/health and /v1/status. They run on their worker's thread.
#pragma once

#include "api/api_worker.h"
#include "api/http/router.h"
#include "api/query_options.h"
#include "api/read.h"

namespace rollcall::api {

// A read of the catalog, blocking when the request says so. `make` builds it from the request, or
// says what the request lacks.
using MakeRead = Result<Read> (*)(const http::Request& request, const ServerInfo& info,
                                  const QueryOptions& options);
http::Handler ReadHandler(ApiWorker& worker, MakeRead make);

Result<Read> NodesRead(const http::Request&, const ServerInfo&, const QueryOptions&);
Result<Read> ServicesRead(const http::Request&, const ServerInfo&, const QueryOptions&);
Result<Read> CatalogServiceRead(const http::Request&, const ServerInfo&, const QueryOptions&);
Result<Read> CatalogNodeRead(const http::Request&, const ServerInfo&, const QueryOptions&);
Result<Read> CatalogNodeServicesRead(const http::Request&, const ServerInfo&, const QueryOptions&);
Result<Read> HealthServiceRead(const http::Request&, const ServerInfo&, const QueryOptions&);
Result<Read> HealthNodeRead(const http::Request&, const ServerInfo&, const QueryOptions&);
Result<Read> HealthChecksRead(const http::Request&, const ServerInfo&, const QueryOptions&);
Result<Read> HealthStateRead(const http::Request&, const ServerInfo&, const QueryOptions&);

// PUT catalog/register, catalog/deregister: `true` once it is durable.
http::Handler RegisterHandler(ApiWorker& worker);
http::Handler DeregisterHandler(ApiWorker& worker);

// PUT catalog/heartbeat, ours: {"Node": "n", "CheckIDs": ["c", ...]} renews the TTLs of checks of a
// node, and brings those that have expired back to passing. `true`; 404 when the node or a check is
// not known, which tells an agent to register again. Nothing is written while all is well.
http::Handler HeartbeatHandler(ApiWorker& worker);

http::Handler DatacentersHandler(ApiWorker& worker);
http::Handler LeaderHandler(ApiWorker& worker);
http::Handler PeersHandler(ApiWorker& worker);

}  // namespace rollcall::api
