#include "api/query_options.h"

#include <algorithm>
#include <charconv>

#include "registry/base/go_duration.h"

namespace rollcall::api {
namespace {

constexpr std::chrono::minutes kDefaultWait{5};
constexpr std::chrono::minutes kMaxWait{10};

Result<Index> ParseIndex(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return InvalidArgument("Invalid index");
  }
  return Index(value);
}

Result<std::chrono::nanoseconds> ParseWait(std::string_view text) {
  const Result<std::chrono::nanoseconds> parsed = ParseGoDuration(text);
  if (!parsed) return InvalidArgument("Invalid wait time");
  if (parsed->count() <= 0) return std::chrono::nanoseconds(kDefaultWait);
  return std::min<std::chrono::nanoseconds>(*parsed, kMaxWait);
}

// What Go's strconv.ParseBool takes, and nothing at all, which says yes.
Result<bool> ParsePassing(std::string_view text) {
  for (const std::string_view yes : {"", "1", "t", "T", "true", "TRUE", "True"}) {
    if (text == yes) return true;
  }
  for (const std::string_view no : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (text == no) return false;
  }
  return InvalidArgument("Invalid value for ?passing");
}

}  // namespace

Result<QueryOptions> ParseQueryOptions(const http::Request& request, std::string_view datacenter) {
  QueryOptions options;
  options.wait = kDefaultWait;
  bool stale = false;
  bool consistent = false;
  for (const auto& [name, value] : request.query()) {
    if (name == "index" && !value.empty()) {
      const Result<Index> index = ParseIndex(value);
      if (!index) return index.error();
      options.min_index = *index;
    } else if (name == "wait" && !value.empty()) {
      const Result<std::chrono::nanoseconds> wait = ParseWait(value);
      if (!wait) return wait.error();
      options.wait = *wait;
    } else if (name == "passing") {
      const Result<bool> passing = ParsePassing(value);
      if (!passing) return passing.error();
      options.only_passing = *passing;
    } else if (name == "dc") {
      if (!value.empty() && value != datacenter) return InvalidArgument("No path to datacenter");
    } else if (name == "tag") {
      options.tags.emplace_back(value);
    } else if (name == "stale" || (name == "max_stale" && !value.empty())) {
      stale = true;
    } else if (name == "consistent") {
      consistent = true;
    } else if (name == "pretty") {
      options.pretty = true;
    } else if (name == "filter" || name == "node-meta") {
      // Ignored, it would give an answer that was not asked for.
      return InvalidArgument("The query parameter " + std::string(name) +
                             " is not supported by this version");
    }
  }
  if (stale && consistent) {
    return InvalidArgument("Cannot specify ?stale with ?consistent, conflicting semantics.");
  }
  if (stale) options.consistency = Consistency::kStale;
  if (consistent) options.consistency = Consistency::kConsistent;
  return options;
}

}  // namespace rollcall::api
