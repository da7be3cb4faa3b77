// Handlers of POST /v1/acl/login and /v1/acl/logout: who can prove who he is elsewhere gets a token
// for it, and gives it back. They run on their worker's thread; while keys are fetched to verify a
// token with, a login waits without one (api/acl/logins.h).
//
// Whoever logs in learns no more than that he may not; the log has the reason, with the auth method
// and the client's address, and never what he has presented.
// Source: Consul 1.8, agent/acl_endpoint.go and agent/consul/acl_endpoint.go (Login, Logout).
#pragma once

#include <cstddef>

#include "api/access/guard.h"
#include "api/api_worker.h"
#include "api/http/request.h"
#include "api/http/response.h"
#include "api/http/router.h"

namespace rollcall::api {

// A larger body is refused unread, as a token that is too large is. What it may hold has room in it
// twice.
inline constexpr size_t kMaxLoginBody = 128 * 1024;

// The token, with its secret. 403 "Permission denied" for what is not good for one, "ACL not found"
// for an auth method that there is none of; 400 for a body that is none; 409 when the auth method
// was changed meanwhile; 503 when it cannot be told, as without keys or when too many wait for
// them.
http::Handler LoginHandler(ApiWorker& worker);

// What is answered to a login that is larger than the HTTP server reads.
http::Response RefuseUnreadLogin(ApiWorker& worker, const http::Request& request);

// Removes the token that the request presents, when a login has made it; else 403 "Permission
// denied", and "ACL not found" when it presents none.
AccessHandler LogoutHandler(ApiWorker& worker);

}  // namespace rollcall::api
