// Handlers of /v1/agent that change what this host has: its services, its checks, their status,
// maintenance. A change is answered once it is kept. On the agent's loop. Who may do what:
// local_rights.h.
#pragma once

#include "agent/routes/route_context.h"
#include "api/http/router.h"
#include "registry/model/records.h"

namespace rollcall::agent {

// PUT agent/service/register, agent/check/register.
access::AccessHandler RegisterServiceHandler(RouteContext& context);
access::AccessHandler RegisterCheckHandler(RouteContext& context);

// PUT agent/service/deregister/:id, agent/check/deregister/:id. What is not there is no error.
access::AccessHandler DeregisterServiceHandler(RouteContext& context);
access::AccessHandler DeregisterCheckHandler(RouteContext& context);

// PUT agent/maintenance, agent/service/maintenance/:id, with ?enable= and ?reason=. Enabling what
// is enabled keeps the first reason; disabling what is not enabled does nothing.
http::Handler MaintenanceHandler(RouteContext& context);
access::AccessHandler ServiceMaintenanceHandler(RouteContext& context);

// PUT agent/check/pass, warn, fail: the status, with ?note= as output.
access::AccessHandler CheckStatusHandler(RouteContext& context, model::CheckStatus status);
// PUT agent/check/update: status and output from the body.
access::AccessHandler CheckUpdateHandler(RouteContext& context);

}  // namespace rollcall::agent
