// The answers that handlers give: the catalog's headers; errors as error_response.h has them.
// Any thread.
#pragma once

#include <chrono>

#include "api/http/response.h"
#include "api/shared/error_response.h"
#include "api/shared/query_options.h"
#include "registry/base/index.h"

namespace rollcall::api {

// How well this server knows what is true.
struct Freshness {
  bool known_leader = true;  // whether it follows its log closely enough to be sure
  std::chrono::milliseconds last_contact{0};  // for how long it may have missed something
};

// A read's answer: X-Consul-Index, X-Consul-KnownLeader, X-Consul-LastContact,
// X-Consul-Effective-Consistency and X-Consul-Query-Backend; indented when ?pretty was given.
// X-Consul-Translate-Addresses is Consul's word for addresses that it translated: we never do.
http::Response CatalogResponse(http::Body json, Index index, const QueryOptions& options,
                               const Freshness& freshness = {});

}  // namespace rollcall::api
