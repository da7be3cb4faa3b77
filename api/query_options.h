// QueryOptions: the query parameters that every read of the catalog understands.
// Source: Consul's documentation of blocking queries and consistency modes.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/request.h"
#include "registry/base/index.h"
#include "registry/base/result.h"

namespace rollcall::api {

enum class Consistency { kDefault, kStale, kConsistent };

struct QueryOptions {
  // Answer when the result's index is greater than this; unset: at once.
  Index min_index;
  // How long to wait for that: 5 minutes unless asked otherwise, 10 at most.
  std::chrono::nanoseconds wait{0};
  Consistency consistency = Consistency::kDefault;
  bool pretty = false;
  std::vector<std::string> tags;  // all of them must be there
  bool only_passing = false;
};

// kInvalidArgument in Consul's words: "Invalid index", "Invalid wait time", "Invalid value for
// ?passing", "No path to datacenter" for a `dc` that is not `datacenter`, "Cannot specify ?stale
// with ?consistent, conflicting semantics.". One server has one state, so that the three
// consistency modes read the same; the answer says which was asked for. `filter` and `node-meta`,
// which would narrow the answer, are refused as long as they are not supported.
Result<QueryOptions> ParseQueryOptions(const http::Request& request, std::string_view datacenter);

}  // namespace rollcall::api
