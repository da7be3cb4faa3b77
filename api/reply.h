// The answers that handlers give: the catalog's headers, errors as one line of text.
// Any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "api/http/response.h"
#include "api/query_options.h"
#include "registry/base/index.h"
#include "registry/base/result.h"

namespace rollcall::api {

// A read's answer: X-Consul-Index, X-Consul-KnownLeader, X-Consul-LastContact,
// X-Consul-Effective-Consistency and X-Consul-Query-Backend; indented when ?pretty was given.
// X-Consul-Translate-Addresses is Consul's word for addresses that it translated: we never do.
http::Response CatalogResponse(http::Body json, Index index, const QueryOptions& options);

// The HTTP status of an error, and its message as text. The one place where errors become statuses.
http::Response ErrorResponse(const Error& error);

// 200 without a body: what Consul's agent says when it did what it was told.
http::Response EmptyOk();

http::Body Render(const nlohmann::ordered_json& value);

}  // namespace rollcall::api
