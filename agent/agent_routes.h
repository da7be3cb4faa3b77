// The agent's own HTTP API: /v1/agent/..., answered from the local state as a Consul agent answers.
// One route table.
#pragma once

#include <vector>

#include "agent/routes/route_context.h"
#include "api/http/router.h"
#include "api/shared/needs.h"

namespace rollcall::agent {

// A route, and what it demands of who asks where access is controlled (acl.enabled). Its handler
// asks for that by itself.
struct AgentRoute {
  api::Needs needs;
  http::Route route;
};

// `context` must outlive the routes.
std::vector<AgentRoute> AgentRouteTable(RouteContext& context);

// Its routes alone.
std::vector<http::Route> AgentRoutes(RouteContext& context);

}  // namespace rollcall::agent
