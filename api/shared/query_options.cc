#include "api/shared/query_options.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include "registry/base/ascii.h"
#include "registry/base/go_bool.h"
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

// A parameter without a value says yes.
Result<bool> ParsePassing(std::string_view text) {
  if (text.empty()) return true;
  const std::optional<bool> passing = ParseGoBool(text);
  if (!passing) return InvalidArgument("Invalid value for ?passing");
  return *passing;
}

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// The ages that a client of `cached` allows are always kept to, but one that is no number is an
// error of the client's, as in Consul.
Result<void> CheckCacheControl(std::string_view header) {
  while (!header.empty()) {
    const size_t comma = std::min(header.find(','), header.size());
    const std::string directive = AsciiLower(Trimmed(header.substr(0, comma)));
    header.remove_prefix(std::min(comma + 1, header.size()));
    for (const std::string_view name : {"max-age=", "stale-if-error="}) {
      if (!directive.starts_with(name)) continue;
      const std::string_view seconds = std::string_view(directive).substr(name.size());
      int64_t value = 0;
      const char* const last = seconds.data() + seconds.size();
      const auto [end, error] = std::from_chars(seconds.data(), last, value);
      if (error != std::errc() || end != last) {
        return InvalidArgument("Invalid Cache-Control header.");
      }
    }
  }
  return {};
}

// Takes the parameters one by one; what they exclude of each other is judged at the end.
class Reader {
 public:
  explicit Reader(const QueryContext& context) : context_(context) { options_.wait = kDefaultWait; }

  Result<void> Take(std::string_view name, std::string_view value) {
    if (name == "index" && !value.empty()) return Keep(ParseIndex(value), &options_.min_index);
    if (name == "wait" && !value.empty()) return Keep(ParseWait(value), &options_.wait);
    if (name == "passing") return Keep(ParsePassing(value), &options_.only_passing);
    if (name == "max_stale" && !value.empty()) return TakeMaxStale(value);
    if (name == "dc" && !value.empty() && value != context_.datacenter) {
      return InvalidArgument("No path to datacenter");
    }
    if (name == "stale") {
      stale_ = true;
    } else if (name == "consistent") {
      consistent_ = true;
    } else if (name == "cached") {
      options_.cached = true;
    } else if (name == "pretty") {
      options_.pretty = true;
    } else if (name == "tag") {
      options_.tags.emplace_back(value);
    } else if (name == "node-meta") {
      const size_t colon = std::min(value.find(':'), value.size());
      options_.node_meta.emplace_back(value.substr(0, colon),
                                      value.substr(std::min(colon + 1, value.size())));
    } else if (name == "filter" && options_.filter.empty()) {
      options_.filter = value;
    } else if (name == "near") {
      options_.near = value == "_agent" ? context_.node_name : value;
    }
    return {};
  }

  Result<QueryOptions> Finish() && {
    if (stale_ && consistent_) {
      return InvalidArgument("Cannot specify ?stale with ?consistent, conflicting semantics.");
    }
    if (options_.cached && consistent_) {
      return InvalidArgument("Cannot specify ?cached with ?consistent, conflicting semantics.");
    }
    if (stale_) options_.consistency = Consistency::kStale;
    if (consistent_) options_.consistency = Consistency::kConsistent;
    return std::move(options_);
  }

 private:
  template <typename T>
  static Result<void> Keep(Result<T> parsed, T* out) {
    if (!parsed) return parsed.error();
    *out = std::move(*parsed);
    return {};
  }

  Result<void> TakeMaxStale(std::string_view value) {
    const Result<std::chrono::nanoseconds> parsed = ParseGoDuration(value);
    if (!parsed) {
      return InvalidArgument("Invalid max_stale value \"" + std::string(value) + "\"");
    }
    if (parsed->count() > 0) {
      stale_ = true;
      options_.max_stale = *parsed;
    }
    return {};
  }

  const QueryContext& context_;
  QueryOptions options_;
  bool stale_ = false;
  bool consistent_ = false;
};

}  // namespace

Result<QueryOptions> ParseQueryOptions(const http::Request& request, const QueryContext& context) {
  Reader reader(context);
  for (const auto& [name, value] : request.query()) {
    if (Result<void> ok = reader.Take(name, value); !ok) return ok.error();
  }
  if (const auto header = request.FindHeader("Cache-Control")) {
    if (Result<void> ok = CheckCacheControl(*header); !ok) return ok.error();
  }
  return std::move(reader).Finish();
}

Result<void> RefuseEnterpriseParameters(const http::Request& request) {
  struct Refused {
    std::string_view parameter;
    std::string_view header;
    std::string_view what;
  };
  // Every request comes by here: text is made only for one that is refused.
  const auto refusal = [](const char* kind, std::string_view name, std::string_view what) {
    return InvalidArgument("Invalid " + std::string(kind) + ": \"" + std::string(name) + "\" - " +
                           std::string(what) + " are a Consul Enterprise feature");
  };
  for (const Refused& each : {Refused{"ns", "X-Consul-Namespace", "Namespaces"},
                              Refused{"partition", "X-Consul-Partition", "Partitions"}}) {
    if (!request.FindHeader(each.header).value_or("").empty()) {
      return refusal("header", each.header, each.what);
    }
    if (!request.FindQuery(each.parameter).value_or("").empty()) {
      return refusal("query parameter", each.parameter, each.what);
    }
  }
  return {};
}

}  // namespace rollcall::api
