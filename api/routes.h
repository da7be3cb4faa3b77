// The registry's HTTP API as one list of routes: what is not in it is not served.
// The handlers belong to one worker and run on its thread; the worker outlives the routes.
#pragma once

#include <vector>

#include "api/api_worker.h"
#include "api/http/router.h"

namespace rollcall::api {

std::vector<http::Route> Routes(ApiWorker& worker);

}  // namespace rollcall::api
