// Service and check definitions as an agent takes them: the bodies of agent/service/register and
// agent/check/register, and the files of a configuration directory. The same shapes serve the
// server's own /v1/agent endpoints and rollcall-agent.
// Source: Consul's documentation of service and check definitions. Field names may be in CamelCase
// or snake_case. Plain values.
#pragma once

#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "registry/base/result.h"
#include "registry/model/command.h"
#include "registry/model/records.h"

namespace rollcall::model {

enum class CheckKind { kTtl, kHttp, kTcp };

// One check of an agent. What it runs is in `run`.
struct AgentCheck {
  std::string check_id;
  std::string name;
  std::string notes;
  std::string service_id;  // the local service that it belongs to; empty: the node
  CheckStatus status = CheckStatus::kCritical;
  CheckKind kind = CheckKind::kTtl;
  CheckDefinition run;  // ttl, or http or tcp with interval and timeout (default 10 s)
};

struct AgentService {
  Instance instance;  // `node` empty
  std::vector<AgentCheck> checks;
};

// The body of PUT /v1/agent/service/register, or a "service" object of a file (same fields; the
// ID defaults to the name). Checks get Consul's names and IDs: `service:<id>` for a single check,
// `service:<id>:1`, `service:<id>:2`... for several, "Service '<name>' check".
// Errors are kInvalidArgument with Consul's words ("Missing service name", "Invalid check: TTL must
// be > 0 for TTL checks", ...); those of JSON begin with "Request decode failed: ".
// Address 0.0.0.0 and :: are refused ("Invalid service address"). An empty check object is dropped.
// An address that is an IP also becomes the lan_ipv4 and wan_ipv4 (or _ipv6) tagged addresses where
// the definition does not name them, as in Consul.
// Checks that run a script are refused with Consul's words about enable_script_checks; other kinds
// and options that no agent of ours honours yet by name ("Invalid check: GRPC is not supported
// yet"). Interval has a floor of 1 s, DeregisterCriticalServiceAfter too.
Result<AgentService> ParseAgentService(const nlohmann::json& definition);

// The body of PUT /v1/agent/check/register, or a "check" object of a file. The ID defaults to the
// name.
Result<AgentCheck> ParseAgentCheck(const nlohmann::json& definition);

// The body of PUT /v1/agent/check/update/:id: {"Status": "...", "Output": "..."}.
// "Invalid check status: 'x'" for one that is not passing, warning or critical.
struct CheckUpdate {
  CheckStatus status = CheckStatus::kCritical;
  std::string output;
};
Result<CheckUpdate> ParseCheckUpdate(std::string_view body);

// The catalog's record of an agent's check. `definition` stays null, as in Consul, `type` is "ttl",
// "http" or "tcp"; `upkeep` is what `check.run` says, for the side that keeps the check true (the
// server for its own node) to use or to drop.
Check CheckRecord(const AgentCheck& check);

// The longest output that is kept of a check, in bytes; more is cut (Consul's output_max_size).
inline constexpr size_t kMaxCheckOutput = 4096;

// What a heartbeat reports, as it is kept: what is cut says so at its end, in Consul's words
// ("... (captured 4096 of 5000 bytes)").
std::string KeptOutput(std::string output);

}  // namespace rollcall::model
