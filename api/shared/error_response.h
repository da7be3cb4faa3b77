// Answers without anything of the catalog in them. Any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "api/http/response.h"
#include "registry/base/result.h"

namespace rollcall::api {

// The HTTP status of an error, and its message as text. The one place where errors become statuses.
http::Response ErrorResponse(const Error& error);

// 200 without a body: what Consul's agent says when it did what it was told.
http::Response EmptyOk();

// 401 "ACL support disabled": what is there only where access is controlled was asked for, and it
// is not. Consul 1.8, agent/acl_endpoint.go (checkACLDisabled).
http::Response AclSupportDisabled();

http::Body Render(const nlohmann::ordered_json& value);

}  // namespace rollcall::api
