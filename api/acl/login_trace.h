// LoginTrace: what the audit log is told of a login or a logout beside what it is told of any
// request: the token that it is about, and the auth method. Never what was presented. Worker's
// thread.
#pragma once

#include <memory>
#include <string>

#include "api/api_worker.h"
#include "api/http/exchange.h"
#include "api/route_traits.h"

namespace rollcall::api {

struct LoginTrace {
  std::string accessor;     // empty: no token has come of it
  std::string auth_method;  // empty: there is none of the name that was given
};

// What it says when the request is answered is told, in place of what the request's gate would have
// told (api/request_gate.h). Where there is no audit log nobody is.
std::shared_ptr<LoginTrace> TraceLogin(ApiWorker& worker, http::Exchange& exchange,
                                       const RouteTraits& route);

}  // namespace rollcall::api
