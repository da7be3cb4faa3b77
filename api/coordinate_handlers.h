// Handlers of /v1/coordinate: where nodes are in the network. They run on their worker's thread.
// Source: Consul's HTTP API documentation (coordinate).
#pragma once

#include "api/access/guard.h"
#include "api/api_worker.h"
#include "api/http/router.h"
#include "api/read.h"
#include "api/shared/query_options.h"

namespace rollcall::api {

// coordinate/datacenters: this datacenter, with the coordinate of this server: the one that its
// node has in the segment without a name, else one that says that nothing is known yet.
http::Handler CoordinateDatacentersHandler(ApiWorker& worker);

// coordinate/nodes: by node, then by segment; ?segment= takes those of one segment.
Result<Read> CoordinateNodesRead(const http::Request&, const ServerInfo&, const QueryOptions&);

// coordinate/node/:name, blocking like a read; 404 when the node has none (of the ?segment=).
AccessHandler CoordinateNodeHandler(ApiWorker& worker);

// PUT coordinate/update: an empty answer once it is durable; 404 when there is no such node.
AccessHandler UpdateCoordinateHandler(ApiWorker& worker);

}  // namespace rollcall::api
