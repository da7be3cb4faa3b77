// What stands between a request and its handler: whose request it is, and whether he may have it
// answered. Worker's thread.
#pragma once

#include <functional>
#include <memory>
#include <variant>

#include "api/http/exchange.h"
#include "api/http/router.h"
#include "api/route_traits.h"
#include "api/shared/access_check.h"
#include "api/shared/needs.h"
#include "registry/access/bearer.h"
#include "registry/base/result.h"

namespace rollcall::api {

class ApiWorker;

// A handler that asks by itself what the bearer may do, or shows no more than he may see.
using AccessHandler =
    std::function<void(const std::shared_ptr<http::Exchange>&, const acl::BearerPtr&)>;
using AnyHandler = std::variant<http::Handler, AccessHandler>;

// Who sent the request; who presents no token is the bearer of the server's default token, or of
// the anonymous one. Errors as BearerCache::Find.
Result<acl::BearerPtr> BearerOf(ApiWorker& worker, const http::Request& request);

// For an answer that goes on for long: whether its bearer, as things are whenever it is called, is
// still good and grants what `grants` looks for; always, where access is not controlled. Worker's
// thread.
std::function<bool()> StillMay(ApiWorker& worker, acl::BearerPtr bearer,
                               std::function<bool(const acl::Authorizer&)> grants);

// `handler` for those who may, and who ask not too often (api/request_gate.h). Throws
// std::invalid_argument when `needs` leaves something to the handler and it is none that asks: the
// route table is part of the program.
http::Handler Guarded(ApiWorker& worker, Needs needs, RouteTraits traits, AnyHandler handler);

}  // namespace rollcall::api
