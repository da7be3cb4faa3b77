// Records as Consul's HTTP API shows them, and registrations as its clients send them.
// Keys are in Consul's order. Any thread.
// Source: Consul's HTTP API documentation (catalog, health) and the recorded answers in
// tests/conformance.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "registry/model/command.h"
#include "registry/model/records.h"

namespace rollcall::model {

// An element of catalog/nodes, and `Node` of catalog/node and health/service.
nlohmann::ordered_json NodeJson(const Node& node, std::string_view datacenter);

// `Service` of health/service, and a value of `Services` in catalog/node.
nlohmann::ordered_json NodeServiceJson(const Instance& instance);

// A value of agent/services: as NodeServiceJson, without Proxy, Connect and the indexes.
nlohmann::ordered_json AgentServiceJson(const Instance& instance);

// An element of catalog/service/:name: an instance with its node.
nlohmann::ordered_json CatalogServiceJson(const Node& node, const Instance& instance,
                                          std::string_view datacenter);

// An element of health/checks and the like, and a value of agent/checks.
nlohmann::ordered_json CheckJson(const Check& check);

// A check's `Definition`; {} for null and for what is not set.
nlohmann::ordered_json CheckDefinitionJson(const CheckDefinition* definition);

// The body of a registration that says what the records say; what ParseRegister reads back.
nlohmann::ordered_json RegisterJson(const Register& command);

// The text of a JSON value. Bytes that are not UTF-8 become U+FFFD, as in Go.
std::string Dump(const nlohmann::ordered_json& value);

// `text`, which may come from outside, as error messages name it: in double quotes, with what would
// break the line escaped.
std::string Quoted(std::string_view text);

}  // namespace rollcall::model
