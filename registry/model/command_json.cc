#include "registry/model/command_json.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "registry/base/ascii.h"
#include "registry/model/json_fields.h"

namespace rollcall::model {
namespace {

using nlohmann::json;

// A registration is one step of the one writer: it must not keep the others waiting.
constexpr size_t kMaxChecks = 4096;

Result<void> ParseServiceAddresses(const json& value, const std::string& path,
                                   FlatMap<ServiceAddress>* out) {
  if (!value.is_object()) return InvalidArgument(path + ": expected an object");
  std::vector<std::pair<Text, ServiceAddress>> addresses;
  for (const auto& [tag, element] : value.items()) {
    ServiceAddress address;
    FieldReader reader(element, path + "." + tag);
    reader.Read("Address", &address.address).Read("Port", &address.port);
    if (Result<void> ok = reader.Finish(); !ok) return ok;
    addresses.emplace_back(tag, std::move(address));
  }
  *out = MapOf(std::move(addresses));
  return {};
}

Result<void> ParseWeights(const json& value, const std::string& path, Weights* out) {
  FieldReader reader(value, path);
  reader.Read("Passing", &out->passing).Read("Warning", &out->warning);
  return reader.Finish();
}

Result<void> ParseInstance(const json& value, const std::string& path, Instance* out) {
  FieldReader reader(value, path);
  reader.Read("ID", &out->id)
      .Read("Service", &out->service)
      .Read("Kind", &out->kind)
      .Read("Tags", &out->tags)
      .Read("Meta", &out->meta)
      .Read("Address", &out->address)
      .Read("Port", &out->port)
      .Read("SocketPath", &out->socket_path)
      .Read("EnableTagOverride", &out->enable_tag_override)
      .ReadNested("TaggedAddresses",
                  [out](const json& v, const std::string& p) {
                    return ParseServiceAddresses(v, p, &out->tagged_addresses);
                  })
      .ReadNested("Weights", [out](const json& v, const std::string& p) {
        return ParseWeights(v, p, &out->weights);
      });
  for (const char* unused : {"Proxy", "Connect", "CreateIndex", "ModifyIndex", "Namespace"}) {
    reader.Ignore(unused);
  }
  return reader.Finish();
}

Result<void> ParseCheckDefinition(const json& value, const std::string& path, Check* check) {
  CheckDefinition definition;
  FieldReader reader(value, path);
  reader.Read("HTTP", &definition.http)
      .Read("Header", &definition.header)
      .Read("Method", &definition.method)
      .Read("Body", &definition.body)
      .Read("TLSSkipVerify", &definition.tls_skip_verify)
      .Read("TCP", &definition.tcp)
      .Read("Interval", &definition.interval)
      .Read("Timeout", &definition.timeout)
      .Read("TTL", &definition.ttl)
      .Read("DeregisterCriticalServiceAfter", &definition.deregister_critical_service_after)
      .Read("IntervalDuration", &definition.interval)
      .Read("TimeoutDuration", &definition.timeout)
      .Read("DeregisterCriticalServiceAfterDuration",
            &definition.deregister_critical_service_after);
  for (const char* unused : {"OutputMaxSize", "ScriptArgs", "DockerContainerID", "Shell", "GRPC",
                             "GRPCUseTLS", "AliasNode", "AliasService"}) {
    reader.Ignore(unused);
  }
  if (Result<void> ok = reader.Finish(); !ok) return ok;
  if (definition == CheckDefinition{}) return {};
  auto& after = definition.deregister_critical_service_after;
  if (after.count() < 0 || definition.ttl.count() < 0) {
    return InvalidArgument(path + ": durations must not be negative");
  }
  if (after.count() > 0) after = std::max(after, kMinDeregisterAfter);
  const bool is_upkeep = definition.ttl.count() > 0 || after.count() > 0;
  check->definition = std::move(definition);
  if (is_upkeep) check->upkeep = check->definition;
  return {};
}

Result<void> ParseCheck(const json& value, const std::string& path, Check* out) {
  std::string status;
  FieldReader reader(value, path);
  reader.Ignore("Node");  // the registration's own node is meant
  reader.Read("CheckID", &out->check_id)
      .Read("Name", &out->name)
      .Read("Status", &status)
      .Read("Notes", &out->notes)
      .Read("Output", &out->output)
      .Read("ServiceID", &out->service_id)
      .Read("Type", &out->type)
      .ReadNested("Definition", [out](const json& v, const std::string& p) {
        return ParseCheckDefinition(v, p, out);
      });
  for (const char* unused :
       {"ServiceName", "ServiceTags", "CreateIndex", "ModifyIndex", "Namespace"}) {
    reader.Ignore(unused);
  }
  if (Result<void> ok = reader.Finish(); !ok) return ok;
  out->status = CheckStatus::kCritical;
  ParseCheckStatus(status, &out->status);
  if (out->check_id.empty()) out->check_id = out->name;
  if (out->name.empty()) out->name = out->check_id;
  return {};
}

Result<void> CheckDatacenter(std::string_view asked, std::string_view ours) {
  if (asked.empty() || asked == ours) return {};
  return InvalidArgument("No path to datacenter");
}

// What a command must say, in Consul's words.
Result<Register> Validate(Register command) {
  Node& node = command.node;
  if (node.name.empty()) return InvalidArgument("Must provide node");
  if (node.address.empty() && !command.skip_node_update) {
    return InvalidArgument("Must provide address if SkipNodeUpdate is not set");
  }
  if (!node.id.empty()) {
    if (node.id.size() != 36) {
      return InvalidArgument("Bad node ID: uuid string is wrong length");
    }
    if (!IsUuid(node.id)) return InvalidArgument("Bad node ID: uuid is improperly formatted");
    node.id = AsciiLower(node.id);
  }
  if (command.instance) {
    Instance& instance = *command.instance;
    if (instance.service.empty() && !instance.id.empty()) {
      return InvalidArgument("Must provide service name with ID");
    }
    if (instance.service.empty()) return InvalidArgument("Must provide service name");
    if (instance.id.empty()) instance.id = instance.service;
  }
  if (command.checks.size() > kMaxChecks) {
    return InvalidArgument("Too many checks in one registration: at most " +
                           std::to_string(kMaxChecks));
  }
  for (const Check& check : command.checks) {
    if (check.check_id.empty()) return InvalidArgument("Must provide check ID or name");
  }
  std::set<std::string> ids;
  for (const Check& check : command.checks) {
    if (!ids.insert(AsciiLower(check.check_id)).second) {
      return InvalidArgument("Check \"" + check.check_id + "\" is registered twice");
    }
  }
  return command;
}

}  // namespace

namespace {

Result<Register> ReadRegister(const json& object, std::string_view datacenter) {
  Register command;
  std::string asked_datacenter;
  FieldReader reader(object, "");
  reader.Read("ID", &command.node.id)
      .Read("Node", &command.node.name)
      .Read("Address", &command.node.address)
      .Read("Datacenter", &asked_datacenter)
      .Read("TaggedAddresses", &command.node.tagged_addresses)
      .Read("NodeMeta", &command.node.meta)
      .Read("SkipNodeUpdate", &command.skip_node_update)
      .ReadNested("Service",
                  [&command](const json& v, const std::string& p) {
                    return ParseInstance(v, p, &command.instance.emplace());
                  })
      .ReadNested("Check",
                  [&command](const json& v, const std::string& p) {
                    return ParseCheck(v, p, &command.checks.emplace_back());
                  })
      .ReadNested("Checks", [&command](const json& v, const std::string& p) -> Result<void> {
        if (!v.is_array()) return InvalidArgument(p + ": expected an array");
        for (size_t i = 0; i < v.size(); ++i) {
          Result<void> ok =
              ParseCheck(v[i], p + "[" + std::to_string(i) + "]", &command.checks.emplace_back());
          if (!ok) return ok;
        }
        return {};
      });
  for (const char* unused : {"WriteRequest", "Namespace"}) reader.Ignore(unused);
  if (Result<void> ok = reader.Finish(); !ok) return DecodeFailed(ok.error());
  if (Result<void> ok = CheckDatacenter(asked_datacenter, datacenter); !ok) return ok.error();
  return Validate(std::move(command));
}

Result<Deregister> ReadDeregister(const json& object, std::string_view datacenter) {
  Deregister command;
  std::string asked_datacenter;
  FieldReader reader(object, "");
  reader.Read("Node", &command.node)
      .Read("ServiceID", &command.service_id)
      .Read("CheckID", &command.check_id)
      .Read("Datacenter", &asked_datacenter);
  for (const char* unused : {"Address", "Namespace", "WriteRequest"}) reader.Ignore(unused);
  if (Result<void> ok = reader.Finish(); !ok) return DecodeFailed(ok.error());
  if (Result<void> ok = CheckDatacenter(asked_datacenter, datacenter); !ok) return ok.error();
  if (command.node.empty()) return InvalidArgument("Must provide node");
  return command;
}

template <typename Command>
BatchCommand InBatch(Result<Command> command) {
  if (!command) return command.error();
  return BatchCommand(std::move(*command));
}

BatchCommand ReadBatchCommand(const json& element, std::string_view datacenter) {
  if (element.is_object() && element.size() == 1) {
    const auto only = element.begin();
    if (only.key() == "Register") return InBatch(ReadRegister(only.value(), datacenter));
    if (only.key() == "Deregister") return InBatch(ReadDeregister(only.value(), datacenter));
  }
  return InvalidArgument("Request decode failed: expected an object with Register or Deregister");
}

}  // namespace

Result<Register> ParseRegister(std::string_view body, std::string_view datacenter) {
  const Result<json> parsed = ParseJson(body);
  if (!parsed) return DecodeFailed(parsed.error());
  return ReadRegister(*parsed, datacenter);
}

Result<Deregister> ParseDeregister(std::string_view body, std::string_view datacenter) {
  const Result<json> parsed = ParseJson(body);
  if (!parsed) return DecodeFailed(parsed.error());
  return ReadDeregister(*parsed, datacenter);
}

Result<std::vector<BatchCommand>> ParseBatch(std::string_view body, std::string_view datacenter) {
  const Result<json> parsed = ParseJson(body);
  if (!parsed) return DecodeFailed(parsed.error());
  if (!parsed->is_array()) return DecodeFailed(InvalidArgument("expected an array"));
  if (parsed->size() > kMaxBatchCommands) {
    return InvalidArgument("At most " + std::to_string(kMaxBatchCommands) +
                           " commands may be in a batch, found " + std::to_string(parsed->size()));
  }
  std::vector<BatchCommand> batch;
  batch.reserve(parsed->size());
  for (const json& element : *parsed) batch.push_back(ReadBatchCommand(element, datacenter));
  return batch;
}

}  // namespace rollcall::model
