// Handlers of /v1/agent about the agent itself and its place among others: for operators, and for
// clients that want to know whom they talk to. On the agent's loop.
#pragma once

#include "agent/routes/route_context.h"
#include "api/http/router.h"

namespace rollcall::agent {

// GET agent/self, agent/version, agent/host, agent/metrics.
http::Handler SelfHandler(RouteContext& context);
http::Handler VersionHandler(RouteContext& context);
http::Handler HostHandler(RouteContext& context);
http::Handler MetricsHandler(RouteContext& context);

// GET agent/members: there is no gossip here; the registry knows them all, and is asked. PUT
// agent/force-leave likewise.
http::Handler PassOnHandler(RouteContext& context);
// PUT agent/join/:address: nothing to do.
http::Handler JoinHandler(RouteContext& context);

// PUT agent/reload: 400 with the reason when it is refused. PUT agent/leave: as SIGTERM, but it
// always takes leave of the registry.
http::Handler ReloadHandler(RouteContext& context);
http::Handler LeaveHandler(RouteContext& context);

}  // namespace rollcall::agent
