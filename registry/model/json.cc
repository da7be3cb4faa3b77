#include "registry/model/json.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "registry/base/go_duration.h"

namespace rollcall::model {
namespace {

using nlohmann::ordered_json;

ordered_json MapJson(const StringMap& map) {
  ordered_json object = ordered_json::object();
  for (const auto& [key, value] : map) object[key.str()] = value;
  return object;
}

// A node's maps are null when they are empty, as Consul's are.
ordered_json MapOrNullJson(const StringMap& map) {
  return map.empty() ? ordered_json(nullptr) : MapJson(map);
}

ordered_json TaggedAddressesJson(const FlatMap<ServiceAddress>& addresses) {
  ordered_json object = ordered_json::object();
  for (const auto& [tag, address] : addresses) {
    object[tag.str()] = {{"Address", address.address}, {"Port", address.port}};
  }
  return object;
}

ordered_json WeightsJson(const Weights& weights) {
  return {{"Passing", weights.passing}, {"Warning", weights.warning}};
}

// Service mesh settings, which Consul's answers always carry. We have none.
ordered_json NoProxyJson() {
  return {{"MeshGateway", ordered_json::object()}, {"Expose", ordered_json::object()}};
}

void AddIndexes(ordered_json* object, Index create, Index modify) {
  (*object)["CreateIndex"] = create.value();
  (*object)["ModifyIndex"] = modify.value();
}

}  // namespace

ordered_json NodeJson(const Node& node, std::string_view datacenter) {
  ordered_json object = {{"ID", node.id},
                         {"Node", node.name},
                         {"Address", node.address},
                         {"Datacenter", datacenter},
                         {"TaggedAddresses", MapOrNullJson(node.tagged_addresses)},
                         {"Meta", MapOrNullJson(node.meta)}};
  AddIndexes(&object, node.create_index, node.modify_index);
  return object;
}

ordered_json NodeServiceJson(const Instance& instance) {
  ordered_json object;
  if (!instance.kind.empty()) object["Kind"] = instance.kind;
  object["ID"] = instance.id;
  object["Service"] = instance.service;
  object["Tags"] = instance.tags;
  object["Address"] = instance.address;
  if (!instance.tagged_addresses.empty()) {
    object["TaggedAddresses"] = TaggedAddressesJson(instance.tagged_addresses);
  }
  object["Meta"] = MapOrNullJson(instance.meta);
  object["Port"] = instance.port;
  if (!instance.socket_path.empty()) object["SocketPath"] = instance.socket_path;
  object["Weights"] = WeightsJson(instance.weights);
  object["EnableTagOverride"] = instance.enable_tag_override;
  object["Proxy"] = NoProxyJson();
  object["Connect"] = ordered_json::object();
  AddIndexes(&object, instance.create_index, instance.modify_index);
  return object;
}

ordered_json AgentServiceJson(const Instance& instance) {
  ordered_json object;
  if (!instance.kind.empty()) object["Kind"] = instance.kind;
  object["ID"] = instance.id;
  object["Service"] = instance.service;
  object["Tags"] = instance.tags;
  object["Meta"] = MapJson(instance.meta);
  object["Port"] = instance.port;
  object["Address"] = instance.address;
  if (!instance.socket_path.empty()) object["SocketPath"] = instance.socket_path;
  if (!instance.tagged_addresses.empty()) {
    object["TaggedAddresses"] = TaggedAddressesJson(instance.tagged_addresses);
  }
  object["Weights"] = WeightsJson(instance.weights);
  object["EnableTagOverride"] = instance.enable_tag_override;
  return object;
}

ordered_json CatalogServiceJson(const Node& node, const Instance& instance,
                                std::string_view datacenter) {
  ordered_json object = {{"ID", node.id},
                         {"Node", node.name},
                         {"Address", node.address},
                         {"Datacenter", datacenter},
                         {"TaggedAddresses", MapOrNullJson(node.tagged_addresses)},
                         {"NodeMeta", MapOrNullJson(node.meta)},
                         {"ServiceKind", instance.kind},
                         {"ServiceID", instance.id},
                         {"ServiceName", instance.service},
                         {"ServiceTags", instance.tags},
                         {"ServiceAddress", instance.address}};
  if (!instance.tagged_addresses.empty()) {
    object["ServiceTaggedAddresses"] = TaggedAddressesJson(instance.tagged_addresses);
  }
  object["ServiceWeights"] = WeightsJson(instance.weights);
  object["ServiceMeta"] = MapJson(instance.meta);
  object["ServicePort"] = instance.port;
  if (!instance.socket_path.empty()) object["ServiceSocketPath"] = instance.socket_path;
  object["ServiceEnableTagOverride"] = instance.enable_tag_override;
  object["ServiceProxy"] = NoProxyJson();
  object["ServiceConnect"] = ordered_json::object();
  AddIndexes(&object, instance.create_index, instance.modify_index);
  return object;
}

ordered_json CheckDefinitionJson(const CheckDefinition* definition) {
  ordered_json object = ordered_json::object();
  if (definition == nullptr) return object;
  const auto add_duration = [&object](const char* name, std::chrono::nanoseconds value) {
    if (value.count() != 0) object[name] = FormatGoDuration(value);
  };
  add_duration("Interval", definition->interval);
  add_duration("Timeout", definition->timeout);
  add_duration("TTL", definition->ttl);
  add_duration("DeregisterCriticalServiceAfter", definition->deregister_critical_service_after);
  if (!definition->http.empty()) object["HTTP"] = definition->http;
  if (!definition->header.empty()) {
    ordered_json header = ordered_json::object();
    for (const auto& [name, values] : definition->header) header[name.str()] = values;
    object["Header"] = std::move(header);
  }
  if (!definition->method.empty()) object["Method"] = definition->method;
  if (!definition->body.empty()) object["Body"] = definition->body;
  if (definition->tls_skip_verify) object["TLSSkipVerify"] = true;
  if (!definition->tcp.empty()) object["TCP"] = definition->tcp;
  return object;
}

ordered_json CheckJson(const Check& check) {
  ordered_json object = {{"Node", check.node},
                         {"CheckID", check.check_id},
                         {"Name", check.name},
                         {"Status", ToString(check.status)},
                         {"Notes", check.notes},
                         {"Output", check.output},
                         {"ServiceID", check.service_id},
                         {"ServiceName", check.service_name},
                         {"ServiceTags", check.service_tags},
                         {"Type", check.type},
                         {"Definition", CheckDefinitionJson(check.definition.get())}};
  AddIndexes(&object, check.create_index, check.modify_index);
  return object;
}

ordered_json RegisterJson(const Register& command) {
  ordered_json body;
  if (!command.node.id.empty()) body["ID"] = command.node.id;
  body["Node"] = command.node.name;
  body["Address"] = command.node.address;
  if (!command.node.tagged_addresses.empty()) {
    body["TaggedAddresses"] = MapJson(command.node.tagged_addresses);
  }
  if (!command.node.meta.empty()) body["NodeMeta"] = MapJson(command.node.meta);
  if (command.skip_node_update) body["SkipNodeUpdate"] = true;
  if (command.instance) {
    ordered_json service = NodeServiceJson(*command.instance);
    for (const char* not_sent : {"Proxy", "Connect", "CreateIndex", "ModifyIndex"}) {
      service.erase(not_sent);
    }
    body["Service"] = std::move(service);
  }
  if (!command.checks.empty()) {
    ordered_json checks = ordered_json::array();
    for (const Check& check : command.checks) {
      ordered_json element = CheckJson(check);
      for (const char* not_sent :
           {"Node", "ServiceName", "ServiceTags", "CreateIndex", "ModifyIndex"}) {
        element.erase(not_sent);
      }
      checks.push_back(std::move(element));
    }
    body["Checks"] = std::move(checks);
  }
  return body;
}

std::string Dump(const ordered_json& value) {
  return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

std::string Quoted(std::string_view text) { return Dump(ordered_json(text)); }

}  // namespace rollcall::model
