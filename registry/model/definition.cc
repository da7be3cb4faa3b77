#include "registry/model/definition.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "registry/model/json_fields.h"

namespace rollcall::model {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr nanoseconds kMinInterval = seconds(1);
constexpr nanoseconds kDefaultTimeout = seconds(10);
constexpr nanoseconds kDefaultScriptTimeout = seconds(30);  // Consul's
constexpr int kMaxOutputMaxSize = 64 << 10;

constexpr size_t kMaxMetaPairs = 64;
constexpr size_t kMaxMetaKey = 128;
constexpr size_t kMaxMetaValue = 512;
constexpr int kMaxPort = 65535;
constexpr int kMaxWeight = 65535;

bool IsUnset(const nlohmann::json& value) {
  return value.is_null() || value == false || value == 0 || value == "" ||
         (value.is_structured() && value.empty());
}

// A check as written, before it is known whether it makes sense.
struct RawCheck {
  AgentCheck check;
  std::string status;
  bool h2ping_use_tls = true;
  int output_max_size = 0;
  std::string unsupported;  // the first field met that asks for what we do not do
};

// Fields of Consul's that change what a check does and that we do not honour: to drop one silently
// would be a check that lies.
constexpr std::array<std::string_view, 4> kUnsupportedFields = {"DockerContainerID", "Shell",
                                                                "OSService", "Script"};

Result<RawCheck> ReadCheck(const nlohmann::json& object, const std::string& path) {
  RawCheck raw;
  AgentCheck& check = raw.check;
  std::string id;
  FieldReader reader(object, path, KeyStyle::kCamelOrSnakeCase);
  reader.Read("CheckID", &check.check_id)
      .Read("ID", &id)
      .Read("Name", &check.name)
      .Read("Notes", &check.notes)
      .Read("ServiceID", &check.service_id)
      .Read("Status", &raw.status)
      .Read("HTTP", &check.run.http)
      .Read("Header", &check.run.header)
      .Read("Method", &check.run.method)
      .Read("Body", &check.run.body)
      .Read("TLSSkipVerify", &check.run.tls_skip_verify)
      .Read("TCP", &check.run.tcp)
      .Read("Interval", &check.run.interval)
      .Read("Timeout", &check.run.timeout)
      .Read("TTL", &check.run.ttl)
      .Read("DeregisterCriticalServiceAfter", &check.run.deregister_critical_service_after)
      .Ignore("Token")
      .Ignore("Namespace");
  CheckRun& run = check.run;
  reader.Read("UDP", &run.udp)
      .Read("GRPC", &run.grpc)
      .Read("GRPCUseTLS", &run.use_tls)
      .Read("H2PING", &run.h2ping)
      .Read("H2PingUseTLS", &raw.h2ping_use_tls)
      .Read("Args", &run.args)
      .Read("ScriptArgs", &run.args)
      .Read("AliasNode", &run.alias_node)
      .Read("AliasService", &run.alias_service)
      .Read("TLSServerName", &run.tls_server_name)
      .Read("DisableRedirects", &run.disable_redirects)
      .Read("SuccessBeforePassing", &run.success_before_passing)
      .Read("FailuresBeforeWarning", &run.failures_before_warning)
      .Read("FailuresBeforeCritical", &run.failures_before_critical)
      .Read("OutputMaxSize", &raw.output_max_size);
  for (const std::string_view field : kUnsupportedFields) {
    reader.ReadNested(field, [&raw, field](const nlohmann::json& value, const std::string&) {
      if (raw.unsupported.empty() && !IsUnset(value)) raw.unsupported = field;
      return Result<void>();
    });
  }
  if (Result<void> read = reader.Finish(); !read) return DecodeFailed(read.error());
  if (check.check_id.empty()) check.check_id = std::move(id);
  return raw;
}

// The kind that has an interval; where several are named, as Consul chooses. TTL when none is.
CheckKind IntervalKindOf(const CheckRun& run) {
  if (!run.http.empty()) return CheckKind::kHttp;
  if (!run.tcp.empty()) return CheckKind::kTcp;
  if (!run.udp.empty()) return CheckKind::kUdp;
  if (!run.grpc.empty()) return CheckKind::kGrpc;
  if (!run.args.empty()) return CheckKind::kScript;
  if (!run.h2ping.empty()) return CheckKind::kH2Ping;
  return CheckKind::kTtl;
}

// The first field that only rollcall-agent honours; empty: none.
std::string_view AgentFieldOf(const RawCheck& raw) {
  const CheckRun& run = raw.check.run;
  const std::pair<bool, std::string_view> fields[] = {
      {!run.udp.empty(), "UDP"},
      {!run.grpc.empty(), "GRPC"},
      {run.use_tls, "GRPCUseTLS"},
      {!run.h2ping.empty(), "H2PING"},
      {!run.alias_node.empty(), "AliasNode"},
      {!run.alias_service.empty(), "AliasService"},
      {!run.tls_server_name.empty(), "TLSServerName"},
      {run.disable_redirects, "DisableRedirects"},
      {run.success_before_passing != 0, "SuccessBeforePassing"},
      {run.failures_before_warning != 0, "FailuresBeforeWarning"},
      {run.failures_before_critical != 0, "FailuresBeforeCritical"},
      {raw.output_max_size != 0, "OutputMaxSize"}};
  for (const auto& [is_set, name] : fields) {
    if (is_set) return name;
  }
  return {};
}

Result<void> CheckThresholds(const RawCheck& raw) {
  const CheckRun& run = raw.check.run;
  const std::pair<int, const char*> counts[] = {
      {run.success_before_passing, "SuccessBeforePassing"},
      {run.failures_before_warning, "FailuresBeforeWarning"},
      {run.failures_before_critical, "FailuresBeforeCritical"}};
  for (const auto& [count, name] : counts) {
    if (count < 0) return InvalidArgument(std::string("Invalid check: ") + name + " is negative");
  }
  if (run.failures_before_warning > std::max(run.failures_before_critical, 1)) {
    return InvalidArgument(
        "Invalid check: FailuresBeforeWarning is more than FailuresBeforeCritical");
  }
  if (raw.output_max_size < 0 || raw.output_max_size > kMaxOutputMaxSize) {
    return InvalidArgument("Invalid check: OutputMaxSize must be between 0 and " +
                           std::to_string(kMaxOutputMaxSize));
  }
  return {};
}

// Drops what belongs to other kinds than the check's, so that equal checks are equal.
void KeepOwnKind(CheckRun* run) {
  if (run->kind != CheckKind::kHttp) {
    run->http = run->method = run->body = Text();
    run->header = {};
    run->disable_redirects = false;
  }
  if (run->kind != CheckKind::kTcp) run->tcp = Text();
  if (run->kind != CheckKind::kUdp) run->udp.clear();
  if (run->kind != CheckKind::kGrpc) run->grpc.clear();
  if (run->kind != CheckKind::kH2Ping) run->h2ping.clear();
  if (run->kind != CheckKind::kGrpc && run->kind != CheckKind::kH2Ping) run->use_tls = false;
  if (run->kind != CheckKind::kScript) run->args.clear();
  if (run->kind != CheckKind::kAlias) {
    run->alias_node.clear();
    run->alias_service.clear();
  }
}

// What the check runs, as Consul judges it (its documentation of check definitions). `raw.check`
// gets its kind, and its durations their defaults and minima.
Result<void> Settle(RawCheck* raw, const CheckRules& rules) {
  CheckRun& run = raw->check.run;
  if (!raw->unsupported.empty()) {
    return InvalidArgument("Invalid check: " + raw->unsupported + " is not supported yet");
  }
  if (const std::string_view field = AgentFieldOf(*raw); !rules.all_kinds && !field.empty()) {
    return InvalidArgument("Invalid check: " + std::string(field) +
                           " is not supported here: rollcall-agent runs such checks");
  }
  const CheckKind interval_kind = IntervalKindOf(run);
  const bool has_interval_kind = interval_kind != CheckKind::kTtl;
  const bool is_alias = !run.alias_node.empty() || !run.alias_service.empty();
  if (run.interval.count() > 0 && run.ttl.count() > 0) {
    return InvalidArgument("Invalid check: Interval and TTL cannot both be specified");
  }
  if (has_interval_kind && run.interval.count() <= 0) {
    return InvalidArgument("Invalid check: Interval must be > 0 for Script, HTTP, or TCP checks");
  }
  if (has_interval_kind && is_alias) {
    return InvalidArgument("Invalid check: Interval cannot be set for Alias checks");
  }
  if (is_alias && run.ttl.count() > 0) {
    return InvalidArgument("Invalid check: TTL must be not be set for Alias checks");
  }
  if (!has_interval_kind && !is_alias && run.ttl.count() <= 0) {
    return InvalidArgument("Invalid check: TTL must be > 0 for TTL checks");
  }
  if (interval_kind == CheckKind::kScript && rules.scripts == ScriptChecks::kRefused) {
    return InvalidArgument(std::string(rules.script_refusal));
  }
  if (Result<void> good = CheckThresholds(*raw); !good) return good;
  run.kind = is_alias ? CheckKind::kAlias : interval_kind;
  if (run.kind == CheckKind::kH2Ping) run.use_tls = raw->h2ping_use_tls;
  KeepOwnKind(&run);
  run.output_max_size = static_cast<size_t>(raw->output_max_size);
  if (run.deregister_critical_service_after.count() > 0) {
    run.deregister_critical_service_after =
        std::max(run.deregister_critical_service_after, kMinDeregisterAfter);
  } else {
    run.deregister_critical_service_after = nanoseconds(0);
  }
  if (!has_interval_kind) {
    run.interval = run.timeout = nanoseconds(0);
    return {};
  }
  run.ttl = nanoseconds(0);
  run.interval = std::max(run.interval, kMinInterval);
  if (run.timeout.count() <= 0) {
    run.timeout = run.kind == CheckKind::kScript ? kDefaultScriptTimeout : kDefaultTimeout;
  }
  return {};
}

Result<void> ReadStatus(RawCheck* raw, const char* complaint) {
  if (raw->status.empty() || ParseCheckStatus(raw->status, &raw->check.status)) return {};
  return InvalidArgument(complaint);
}

constexpr const char* kBadServiceCheckStatus =
    "Status for checks must 'passing', 'warning', 'critical'";

bool IsEmptyObject(const nlohmann::json& value) {
  return value.is_object() &&
         std::all_of(value.begin(), value.end(),
                     [](const nlohmann::json& field) { return field.is_null(); });
}

// A service as written.
struct RawService {
  Instance instance;
  std::optional<Weights> weights;
  std::vector<RawCheck> checks;
};

Result<void> ReadWeights(const nlohmann::json& value, const std::string& path,
                         std::optional<Weights>* weights) {
  weights->emplace(Weights{0, 0});
  return FieldReader(value, path, KeyStyle::kCamelOrSnakeCase)
      .Read("Passing", &(*weights)->passing)
      .Read("Warning", &(*weights)->warning)
      .Finish();
}

Result<void> ReadTaggedAddresses(const nlohmann::json& value, const std::string& path,
                                 FlatMap<ServiceAddress>* out) {
  if (!value.is_object()) return FieldReader(value, path).Finish();
  std::vector<std::pair<Text, ServiceAddress>> addresses;
  for (const auto& [tag, entry] : value.items()) {
    ServiceAddress address;
    Result<void> read = FieldReader(entry, path + "." + tag, KeyStyle::kCamelOrSnakeCase)
                            .Read("Address", &address.address)
                            .Read("Port", &address.port)
                            .Finish();
    if (!read) return read;
    addresses.emplace_back(tag, std::move(address));
  }
  *out = MapOf(std::move(addresses));
  return {};
}

Result<void> AddCheck(const nlohmann::json& value, const std::string& path,
                      std::vector<RawCheck>* checks) {
  Result<RawCheck> check = ReadCheck(value, path);
  if (!check) return check.error();
  checks->push_back(std::move(*check));
  return {};
}

// An error of a nested check already says "Request decode failed"; it must not say so twice.
Error OneDecodeFailed(const Error& cause) {
  return cause.message.starts_with("Request decode failed: ") ? cause : DecodeFailed(cause);
}

Result<RawService> ReadService(const nlohmann::json& object) {
  RawService raw;
  Instance& instance = raw.instance;
  std::string unsupported;
  FieldReader reader(object, "", KeyStyle::kCamelOrSnakeCase);
  reader.Read("ID", &instance.id)
      .Read("Name", &instance.service)
      .Read("Kind", &instance.kind)
      .Read("Tags", &instance.tags)
      .Read("Address", &instance.address)
      .Read("Port", &instance.port)
      .Read("SocketPath", &instance.socket_path)
      .Read("Meta", &instance.meta)
      .Read("EnableTagOverride", &instance.enable_tag_override)
      .Ignore("Token")
      .Ignore("Namespace");
  reader.ReadNested("Weights", [&raw](const nlohmann::json& value, const std::string& path) {
    return ReadWeights(value, path, &raw.weights);
  });
  reader.ReadNested("TaggedAddresses",
                    [&instance](const nlohmann::json& value, const std::string& path) {
                      return ReadTaggedAddresses(value, path, &instance.tagged_addresses);
                    });
  reader.ReadNested("Check", [&raw](const nlohmann::json& value, const std::string& path) {
    return IsEmptyObject(value) ? Result<void>() : AddCheck(value, path, &raw.checks);
  });
  reader.ReadNested("Checks",
                    [&raw](const nlohmann::json& value, const std::string& path) -> Result<void> {
                      if (!value.is_array()) return InvalidArgument(path + " must be an array");
                      for (size_t i = 0; i < value.size(); ++i) {
                        Result<void> added =
                            AddCheck(value[i], path + "[" + std::to_string(i) + "]", &raw.checks);
                        if (!added) return added;
                      }
                      return {};
                    });
  for (const std::string_view field : {"Proxy", "Connect"}) {
    reader.ReadNested(field, [&unsupported, field](const nlohmann::json& value, const auto&) {
      if (!IsUnset(value)) unsupported = field;
      return Result<void>();
    });
  }
  if (Result<void> read = reader.Finish(); !read) return OneDecodeFailed(read.error());
  if (!unsupported.empty()) return InvalidArgument(unsupported + " is not supported");
  return raw;
}

Result<void> CheckWeights(const Weights& weights) {
  if (weights.passing < 1) {
    return InvalidArgument("Invalid Weights: Passing must be greater than 0");
  }
  if (weights.warning < 0) {
    return InvalidArgument("Invalid Weights: Warning must be greater or equal than 0");
  }
  if (weights.passing > kMaxWeight || weights.warning > kMaxWeight) {
    return InvalidArgument("Invalid Weights: DNS Weight must be between 0 and 65535");
  }
  return {};
}

bool IsMetaKeyChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

// Null when the pair is good.
const char* MetaComplaint(std::string_view key, std::string_view value) {
  if (key.empty()) return "Key cannot be blank";
  if (!std::all_of(key.begin(), key.end(), IsMetaKeyChar)) return "Key contains invalid characters";
  if (key.size() > kMaxMetaKey) return "Key is too long (limit: 128 characters)";
  if (key.starts_with("consul-")) return "Key prefix 'consul-' is reserved for internal use";
  if (value.size() > kMaxMetaValue) return "Value is too long (limit: 512 characters)";
  return nullptr;
}

Result<void> CheckMeta(const StringMap& meta) {
  if (meta.size() > kMaxMetaPairs) {
    return InvalidArgument(
        "Invalid Service Meta: Node metadata cannot contain more than 64 key/value pairs");
  }
  for (const auto& [key, value] : meta) {
    if (const char* complaint = MetaComplaint(key, value)) {
      return InvalidArgument("Invalid Service Meta: Couldn't load metadata pair ('" + key + "', '" +
                             value + "'): " + complaint);
    }
  }
  return {};
}

bool IsUnspecifiedAddress(std::string_view address) {
  return address == "0.0.0.0" || address == "::" || address == "[::]";
}

// Consul's agent writes an IP address of an instance also under the tags of its family, where they
// are free.
void AddFamilyAddresses(Instance* instance) {
  in6_addr ip;
  const std::string address = instance->address.str();
  const bool is_v4 = inet_pton(AF_INET, address.c_str(), &ip) == 1;
  if (!is_v4 && inet_pton(AF_INET6, address.c_str(), &ip) != 1) return;
  std::vector<std::pair<Text, ServiceAddress>> all(instance->tagged_addresses.begin(),
                                                   instance->tagged_addresses.end());
  const std::string family = is_v4 ? "_ipv4" : "_ipv6";
  for (const char* side : {"lan", "wan"}) {
    const std::string tag = side + family;
    if (FindInMap(instance->tagged_addresses, tag) != nullptr) continue;
    all.emplace_back(tag, ServiceAddress{instance->address, instance->port});
  }
  instance->tagged_addresses = MapOf(std::move(all));
}

Result<void> ValidateInstance(RawService* raw) {
  Instance& instance = raw->instance;
  if (instance.service.empty()) return InvalidArgument("Missing service name");
  if (IsUnspecifiedAddress(instance.address)) return InvalidArgument("Invalid service address");
  if (instance.port < 0 || instance.port > kMaxPort) {
    return InvalidArgument("Invalid service port: " + std::to_string(instance.port));
  }
  if (raw->weights) {
    if (Result<void> good = CheckWeights(*raw->weights); !good) return good;
    instance.weights = *raw->weights;
  }
  return CheckMeta(instance.meta);
}

}  // namespace

Result<AgentService> ParseAgentService(const nlohmann::json& definition, const CheckRules& rules) {
  Result<RawService> raw = ReadService(definition);
  if (!raw) return raw.error();
  if (Result<void> good = ValidateInstance(&*raw); !good) return good.error();
  AgentService service{std::move(raw->instance), {}};
  Instance& instance = service.instance;
  if (instance.id.empty()) instance.id = instance.service;
  AddFamilyAddresses(&instance);
  for (size_t i = 0; i < raw->checks.size(); ++i) {
    RawCheck& written = raw->checks[i];
    if (Result<void> good = Settle(&written, rules); !good) return good.error();
    if (Result<void> good = ReadStatus(&written, kBadServiceCheckStatus); !good) {
      return good.error();
    }
    AgentCheck& check = written.check;
    if (check.check_id.empty()) {
      check.check_id = "service:" + instance.id;
      if (raw->checks.size() > 1) check.check_id += ":" + std::to_string(i + 1);
    }
    if (check.name.empty()) check.name = "Service '" + instance.service + "' check";
    check.service_id = instance.id;
    const bool taken =
        std::any_of(service.checks.begin(), service.checks.end(),
                    [&check](const AgentCheck& other) { return other.check_id == check.check_id; });
    if (taken) {
      return InvalidArgument("Invalid check: the ID \"" + check.check_id + "\" is used twice");
    }
    service.checks.push_back(std::move(check));
  }
  return service;
}

Result<AgentCheck> ParseAgentCheck(const nlohmann::json& definition, const CheckRules& rules) {
  Result<RawCheck> raw = ReadCheck(definition, "");
  if (!raw) return raw.error();
  if (raw->check.name.empty() && rules.id_serves_as_name) raw->check.name = raw->check.check_id;
  if (raw->check.name.empty()) return InvalidArgument("Missing check name");
  if (Result<void> good = ReadStatus(&*raw, "Bad check status"); !good) return good.error();
  if (Result<void> good = Settle(&*raw, rules); !good) return good.error();
  if (raw->check.check_id.empty()) raw->check.check_id = raw->check.name;
  return std::move(raw->check);
}

Result<CheckUpdate> ParseCheckUpdate(std::string_view body) {
  Result<nlohmann::json> json = ParseJson(body);
  if (!json) return DecodeFailed(json.error());
  CheckUpdate update;
  std::string status;
  Result<void> read = FieldReader(*json, "", KeyStyle::kCamelOrSnakeCase)
                          .Read("Status", &status)
                          .Read("Output", &update.output)
                          .Finish();
  if (!read) return DecodeFailed(read.error());
  if (!ParseCheckStatus(status, &update.status)) {
    return InvalidArgument("Invalid check status: '" + status + "'");
  }
  return update;
}

size_t OutputLimit(const CheckRun& run) {
  return run.output_max_size > 0 ? run.output_max_size : kMaxCheckOutput;
}

std::string KeptOutput(std::string output, size_t limit, size_t dropped) {
  const size_t total = output.size() + dropped;
  if (output.size() > limit) output.resize(limit);
  if (output.size() == total) return output;
  output += " ... (captured " + std::to_string(output.size()) + " of " + std::to_string(total) +
            " bytes)";
  return output;
}

CheckRun::CheckRun(CheckDefinition definition) : CheckDefinition(std::move(definition)) {
  kind = IntervalKindOf(*this);
}

std::string_view ToString(CheckKind kind) {
  switch (kind) {
    case CheckKind::kTtl:
      return "ttl";
    case CheckKind::kHttp:
      return "http";
    case CheckKind::kTcp:
      return "tcp";
    case CheckKind::kUdp:
      return "udp";
    case CheckKind::kGrpc:
      return "grpc";
    case CheckKind::kH2Ping:
      return "h2ping";
    case CheckKind::kScript:
      return "script";
    case CheckKind::kAlias:
      return "alias";
    case CheckKind::kMaintenance:
      return "maintenance";
  }
  return "ttl";
}

Check CheckRecord(const AgentCheck& check) {
  Check record;
  record.check_id = check.check_id;
  record.name = check.name;
  record.status = check.status;
  record.notes = check.notes;
  record.service_id = check.service_id;
  record.type = ToString(check.run.kind);
  if (check.run.kind != CheckKind::kMaintenance) {
    record.upkeep = static_cast<const CheckDefinition&>(check.run);
  }
  return record;
}

}  // namespace rollcall::model
