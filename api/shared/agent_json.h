// JSON into and out of the /v1/agent endpoints, which answer about the server's own node: without
// an index, since most of them do not block. Any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "api/http/request.h"
#include "api/http/response.h"
#include "registry/base/result.h"

namespace rollcall::api {

// The body of a request; its errors begin with "Request decode failed: ".
Result<nlohmann::json> JsonBody(const http::Request& request);

// `value` as the answer, indented when the request has ?pretty.
http::Response JsonAnswer(const http::Request& request, const nlohmann::ordered_json& value,
                          int status = 200);

}  // namespace rollcall::api
