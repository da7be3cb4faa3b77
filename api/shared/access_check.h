// What a request says of who sends it, and whether that is enough for a route: for the registry's
// API and the agent's, which find out in different ways what a token grants. Pure functions.
#pragma once

#include <string_view>

#include "api/http/request.h"
#include "api/shared/needs.h"
#include "registry/acl/authorizer.h"
#include "registry/base/result.h"

namespace rollcall::api {

// The secret of the token that a request presents: ?token=, else X-Consul-Token, else
// `Authorization: Bearer`. Empty: none. Valid as long as the request.
// Source: Consul 1.8, agent/http.go (parseTokenInternal).
std::string_view SecretIn(const http::Request& request);

// Whether `may` grants all that Needs::How::kRefused demands of this request. `own_node`: the node
// that answers.
bool IsMet(const Needs& needs, const acl::Authorizer& may, const http::Request& request,
           std::string_view own_node);

// Consul's words: "Permission denied", and "ACL not found" for a token that is not there or has
// expired.
Error PermissionDenied();
Error TokenNotFound();

}  // namespace rollcall::api
