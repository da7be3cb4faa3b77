// Watches as files define them, in Consul's shapes: what of the catalog to follow, and which
// program or URL to tell of it. Plain values. Source: Consul's documentation of watches.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "registry/base/result.h"
#include "registry/model/definition.h"

namespace rollcall::watch {

// What of the catalog is followed. Each change of the answer is told.
enum class WatchKind { kService, kServices, kNodes, kChecks, kEvent };

std::string_view ToString(WatchKind kind);

struct WatchDefinition {
  WatchKind kind = WatchKind::kServices;
  std::string target;  // of the read, escaped: "/v1/health/service/web?passing"
  std::string token;   // the secret of an ACL token to read with; empty: one of the agent's own
  // Who is told: a program (kScript: args, timeout), or a URL (kHttp: http, method, header,
  // timeout, tls_skip_verify).
  model::CheckRun handler;

  friend bool operator==(const WatchDefinition&, const WatchDefinition&) = default;
};

// An element of "watches". kInvalidArgument names what is wrong: a type that does not exist or is
// not there ("key": there is no key/value store), a handler that is missing or there twice.
Result<WatchDefinition> ParseWatch(const nlohmann::json& object);

// For the log: "watch of service web".
std::string Describe(const WatchDefinition& watch);

}  // namespace rollcall::watch
