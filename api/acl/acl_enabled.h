// What of /v1/acl is served only where access is controlled: elsewhere it is answered with 401
// "ACL support disabled", as Consul does. Worker's thread.
#pragma once

#include "api/access/guard.h"
#include "api/api_worker.h"
#include "api/http/router.h"

namespace rollcall::api {

http::Handler WhereControlled(ApiWorker& worker, http::Handler handler);
AccessHandler WhereControlled(ApiWorker& worker, AccessHandler handler);

}  // namespace rollcall::api
