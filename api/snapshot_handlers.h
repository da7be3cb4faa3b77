// Handlers of /v1/snapshot: the catalog as a snapshot file (docs/snapshot-format.md), out of a
// running server and into one. They run on their worker's thread.
#pragma once

#include "api/access/guard.h"
#include "api/api_worker.h"
#include "api/http/router.h"

namespace rollcall::api {

// GET: the catalog as it is when the request comes, whoever changes it meanwhile. Made a block at a
// time, each when the client has taken the one before; the worker does other things in between. The
// connection is cut when the token is good no more, or does not grant acl:write any more.
AccessHandler GetSnapshotHandler(ApiWorker& worker);

// PUT: registers what a snapshot file holds, which is one body and so a small one; `rollcall
// import` sends a large one as many small ones. Refused with kConflict when the catalog holds more
// than the registry's servers, unless ?merge says that it is to be added to that. Nothing of it is
// registered when any of it cannot be read; what the catalog refuses holds up nothing else.
http::Handler PutSnapshotHandler(ApiWorker& worker);

}  // namespace rollcall::api
