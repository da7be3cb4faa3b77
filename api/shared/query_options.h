// QueryOptions: the query parameters that every read of the catalog understands.
// Source: Consul's documentation of blocking queries, consistency modes, agent caching, filtering.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/http/request.h"
#include "registry/base/index.h"
#include "registry/base/result.h"

namespace rollcall::api {

enum class Consistency { kDefault, kStale, kConsistent };

// Keys of metadata with the values that are asked for, as sent: neither sorted nor each key once.
using MetaPairs = std::vector<std::pair<std::string, std::string>>;

struct QueryOptions {
  // Answer when the result's index is greater than this; unset: at once.
  Index min_index;
  // How long to wait for that: 5 minutes unless asked otherwise, 10 at most.
  std::chrono::nanoseconds wait{0};
  Consistency consistency = Consistency::kDefault;
  // Of a stale read: how old an answer may be; one that would be older is read as by default.
  // Unset: as old as it may be.
  std::optional<std::chrono::nanoseconds> max_stale;
  bool cached = false;
  bool pretty = false;

  // What narrows a list: an entry is shown when it has all that is named here.
  std::vector<std::string> tags;
  MetaPairs node_meta;
  bool only_passing = false;
  std::string filter;  // an expression, not parsed yet; empty: none

  // The node whose distance the list is ordered by; empty: the list's own order.
  std::string near;
};

// What the parameters are judged against.
struct QueryContext {
  std::string_view datacenter;
  std::string_view node_name;  // what ?near=_agent means
};

// kInvalidArgument in Consul's words: "Invalid index", "Invalid wait time", "Invalid max_stale
// value", "Invalid value for ?passing", "Invalid Cache-Control header.", "No path to datacenter"
// for a `dc` that is not ours, and one that says so for two modes that exclude each other. A server
// with a store of its own has one state, so that the three consistency modes read the same there;
// the answer says which was asked for. `leader`, `token` and the ages of `cached` are understood
// and change nothing: what is kept here is never stale.
Result<QueryOptions> ParseQueryOptions(const http::Request& request, const QueryContext& context);

// Consul's open version refuses namespaces and partitions on every endpoint: kInvalidArgument in
// its words when the request names one.
Result<void> RefuseEnterpriseParameters(const http::Request& request);

}  // namespace rollcall::api
