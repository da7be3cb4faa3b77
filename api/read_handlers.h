// Handlers of the reads of /v1/catalog and /v1/health, from the request to the Read that answers
// it. They run on their worker's thread.
#pragma once

#include "api/access/guard.h"
#include "api/api_worker.h"
#include "api/read.h"
#include "api/shared/query_options.h"

namespace rollcall::api {

// A read of the catalog, blocking when the request says so. `make` builds it from the request, or
// says what the request lacks.
using MakeRead = Result<Read> (*)(const http::Request& request, const ServerInfo& info,
                                  const QueryOptions& options);
AccessHandler ReadHandler(ApiWorker& worker, MakeRead make);

Result<Read> NodesRead(const http::Request&, const ServerInfo&, const QueryOptions&);
Result<Read> ServicesRead(const http::Request&, const ServerInfo&, const QueryOptions&);
Result<Read> CatalogServiceRead(const http::Request&, const ServerInfo&, const QueryOptions&);
Result<Read> CatalogNodeRead(const http::Request&, const ServerInfo&, const QueryOptions&);
Result<Read> CatalogNodeServicesRead(const http::Request&, const ServerInfo&, const QueryOptions&);
Result<Read> HealthServiceRead(const http::Request&, const ServerInfo&, const QueryOptions&);
Result<Read> HealthNodeRead(const http::Request&, const ServerInfo&, const QueryOptions&);
Result<Read> HealthChecksRead(const http::Request&, const ServerInfo&, const QueryOptions&);
Result<Read> HealthStateRead(const http::Request&, const ServerInfo&, const QueryOptions&);
// catalog/connect, catalog/gateway-services, health/connect, health/ingress.
Result<Read> MeshRead(const http::Request&, const ServerInfo&, const QueryOptions&);

}  // namespace rollcall::api
