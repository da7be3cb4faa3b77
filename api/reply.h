// The answers that handlers give: the catalog's headers; errors as error_response.h has them.
// Any thread.
#pragma once

#include "api/http/response.h"
#include "api/shared/error_response.h"
#include "api/shared/query_options.h"
#include "registry/base/index.h"

namespace rollcall::api {

// A read's answer: X-Consul-Index, X-Consul-KnownLeader, X-Consul-LastContact,
// X-Consul-Effective-Consistency and X-Consul-Query-Backend; indented when ?pretty was given.
// X-Consul-Translate-Addresses is Consul's word for addresses that it translated: we never do.
http::Response CatalogResponse(http::Body json, Index index, const QueryOptions& options);

}  // namespace rollcall::api
