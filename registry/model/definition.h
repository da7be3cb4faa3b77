// Service and check definitions as an agent takes them: the bodies of agent/service/register and
// agent/check/register, and the files of a configuration directory. The same shapes serve the
// server's own /v1/agent endpoints, which run fewer kinds of check, and rollcall-agent.
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

// kMaintenance is never written in a definition (maintenance.h).
enum class CheckKind { kTtl, kHttp, kTcp, kUdp, kGrpc, kH2Ping, kScript, kAlias, kMaintenance };

// How an agent runs a check: its kind, and what the kind needs. Members that it does not need have
// their defaults.
struct CheckRun : CheckDefinition {
  CheckRun() = default;
  // A check of the catalog that a registry runs itself: http, else tcp, else ttl.
  explicit CheckRun(CheckDefinition definition);

  CheckKind kind = CheckKind::kTtl;
  std::string udp;                 // "host:port"
  std::string grpc;                // "host:port", or "host:port/service" for one of its services
  std::string h2ping;              // "host:port"
  bool use_tls = false;            // of gRPC and H2PING
  std::string tls_server_name;     // whose certificate to expect; empty: the host's
  bool disable_redirects = false;  // of HTTP
  std::vector<std::string> args;   // of a script: the program and its arguments
  std::string alias_node;          // empty: this one
  std::string alias_service;       // an ID; empty: the node itself

  // So many results in a row are needed for a status; 0 and 1: the first one counts.
  int success_before_passing = 0;
  int failures_before_warning = 0;  // 0: none makes it warning
  int failures_before_critical = 0;
  size_t output_max_size = 0;  // in bytes; 0: kMaxCheckOutput

  friend bool operator==(const CheckRun&, const CheckRun&) = default;
};

// What the one who parses definitions runs.
enum class ScriptChecks { kRefused, kRun };
struct CheckRules {
  // Whether kinds and options are understood that the registry's own node does not run: all but
  // TTL, HTTP and TCP.
  bool all_kinds = false;
  ScriptChecks scripts = ScriptChecks::kRefused;
  // Whether the ID of a check of its own will do for its name.
  bool id_serves_as_name = false;
  // Said where a script is refused.
  std::string_view script_refusal = kRemoteScriptRefusal;

  static constexpr std::string_view kRemoteScriptRefusal =
      "Scripts are disabled on this agent from remote calls; to enable, configure "
      "'enable_script_checks' to true";
  static constexpr std::string_view kLocalScriptRefusal =
      "Scripts are disabled on this agent; to enable, configure 'enable_script_checks' or "
      "'enable_local_script_checks' to true";
};

// One check of an agent. What it runs is in `run`.
struct AgentCheck {
  std::string check_id;
  std::string name;
  std::string notes;
  std::string service_id;  // the local service that it belongs to; empty: the node
  CheckStatus status = CheckStatus::kCritical;
  // TTL: ttl. Alias: nothing more. Others: with interval and timeout (default 10 s; of a script 30
  // s).
  CheckRun run;

  friend bool operator==(const AgentCheck&, const AgentCheck&) = default;
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
// What `rules` do not allow is refused: scripts with Consul's words about enable_script_checks,
// other kinds and options by name ("Invalid check: GRPC is not supported here: rollcall-agent runs
// such checks"). Interval has a floor of 1 s, DeregisterCriticalServiceAfter too.
Result<AgentService> ParseAgentService(const nlohmann::json& definition,
                                       const CheckRules& rules = {});

// The body of PUT /v1/agent/check/register, or a "check" object of a file. The ID defaults to the
// name. A name is required ("Missing check name"), or where `rules` say so, a name or an ID.
Result<AgentCheck> ParseAgentCheck(const nlohmann::json& definition, const CheckRules& rules = {});

// The body of PUT /v1/agent/check/update/:id: {"Status": "...", "Output": "..."}.
// "Invalid check status: 'x'" for one that is not passing, warning or critical.
struct CheckUpdate {
  CheckStatus status = CheckStatus::kCritical;
  std::string output;
};
Result<CheckUpdate> ParseCheckUpdate(std::string_view body);

// "ttl", "http", "tcp", "udp", "grpc", "h2ping", "script", "alias", "maintenance".
std::string_view ToString(CheckKind kind);

// The catalog's record of an agent's check. `definition` stays null, as in Consul, `type` is its
// kind; `upkeep` is what `check.run` says, for the side that keeps the check true (the
// server for its own node) to use or to drop.
Check CheckRecord(const AgentCheck& check);

// The longest output that is kept of a check, in bytes; more is cut (Consul's output_max_size).
inline constexpr size_t kMaxCheckOutput = 4096;

// Where the output of a check is cut: its OutputMaxSize, or kMaxCheckOutput.
size_t OutputLimit(const CheckRun& run);

// What a check or a heartbeat reports, as it is kept: what is cut after `limit` bytes says so at
// its end, in Consul's words ("... (captured 4096 of 5000 bytes)"). `dropped`: how many bytes came
// after `output` and are gone already.
std::string KeptOutput(std::string output, size_t limit = kMaxCheckOutput, size_t dropped = 0);

}  // namespace rollcall::model
