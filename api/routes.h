// The registry's HTTP API as one list of routes: what is not in it is not served.
// The handlers belong to one worker and run on its thread; the worker outlives the routes.
#pragma once

#include <vector>

#include "api/api_worker.h"
#include "api/http/router.h"
#include "api/shared/needs.h"

namespace rollcall::api {

// A route whose handler answers those alone who have what it needs.
struct ApiRoute {
  Needs needs;
  http::Route route;
};

std::vector<ApiRoute> RouteTable(ApiWorker& worker);

// The same for a router.
std::vector<http::Route> Routes(ApiWorker& worker);

}  // namespace rollcall::api
