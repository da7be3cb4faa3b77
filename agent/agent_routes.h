// The agent's own HTTP API: /v1/agent/..., answered from the local state as a Consul agent answers.
// One route table.
#pragma once

#include <vector>

#include "agent/routes/route_context.h"
#include "api/http/router.h"

namespace rollcall::agent {

// `context` must outlive the routes.
std::vector<http::Route> AgentRoutes(RouteContext& context);

}  // namespace rollcall::agent
