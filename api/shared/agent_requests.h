// What the parameters of /v1/agent requests say. Any thread.
#pragma once

#include <string_view>

#include "api/http/request.h"
#include "registry/base/result.h"

namespace rollcall::api {

// ?replace-existing-checks. As Consul reads it: a value other than "true" says no.
bool WantsReplacedChecks(const http::Request& request);

// ?enable of a maintenance request. Errors in Consul's words.
Result<bool> WantsMaintenance(const http::Request& request);
// Its ?reason; empty: none.
std::string_view ReasonFor(const http::Request& request);

}  // namespace rollcall::api
