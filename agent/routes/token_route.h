// PUT agent/token/:name: gives the agent a token of its own while it runs. On the agent's loop.
#pragma once

#include <string>

#include "agent/routes/route_context.h"
#include "api/http/request.h"
#include "api/http/router.h"

namespace rollcall::agent {

// The token that a request brings: ?token=, X-Consul-Token, Authorization: Bearer; empty: none.
std::string TokenOf(const http::Request& request);

// {"Token": "<secret>"} for `default`, `agent`, `dns` or `replication`, or by Consul's older names
// (acl_token, ...). Another name: 404. An empty secret takes the token away. Whatever is asked, 401
// where the agent does not control access (acl.enabled).
http::Handler TokenHandler(RouteContext& context);

}  // namespace rollcall::agent
