// Handlers of /v1/agent that read what this host has: its services, its checks, their health.
// On the agent's loop. Lists leave out what the bearer may not read; of one service it is
// kPermissionDenied.
#pragma once

#include "agent/routes/route_context.h"
#include "api/http/router.h"

namespace rollcall::agent {

// GET agent/services, agent/checks: by ID, with ?filter=.
access::AccessHandler ServicesHandler(RouteContext& context);
access::AccessHandler ChecksHandler(RouteContext& context);

// GET agent/service/:id, with a ContentHash of what it says. With ?hash=, answered when the hash is
// another one, or the service is gone (404), or ?wait= is up.
access::AccessHandler ServiceHandler(RouteContext& context);

// GET agent/health/service/id/:id and agent/health/service/name/:name.
access::AccessHandler HealthByIdHandler(RouteContext& context);
access::AccessHandler HealthByNameHandler(RouteContext& context);

}  // namespace rollcall::agent
