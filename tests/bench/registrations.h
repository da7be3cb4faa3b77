// The instances that the benchmarks of large catalogs register, by number: each on a node of its
// own, with a TTL check, three tags and three pairs of metadata.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>

#include "registry/model/command.h"

namespace rollcall::bench {

inline std::string Padded(size_t number, size_t digits) {
  std::string text = std::to_string(number);
  if (text.size() < digits) text.insert(0, digits - text.size(), '0');
  return text;
}

// Of how many services each is an instance in turn, and how long its check passes without a
// heartbeat.
struct Registrations {
  size_t services;
  std::chrono::nanoseconds ttl;

  static std::string NodeOf(size_t number) { return "node-" + Padded(number, 7); }
  std::string ServiceOf(size_t number) const { return "service-" + Padded(number % services, 5); }
  std::string InstanceOf(size_t number) const {
    return ServiceOf(number) + "-" + Padded(number, 7);
  }
  std::string CheckOf(size_t number) const { return "service:" + InstanceOf(number); }

  model::Register Of(size_t number, int port) const {
    model::Register put;
    put.node.name = NodeOf(number);
    put.node.address = "10." + std::to_string(number >> 16 & 255) + "." +
                       std::to_string(number >> 8 & 255) + "." + std::to_string(number & 255);
    model::Instance instance;
    instance.service = ServiceOf(number);
    instance.id = InstanceOf(number);
    instance.port = port;
    instance.tags = {"primary", "v1.14.2", "rack-" + std::to_string(number % 40)};
    instance.meta = {{"owner", "team-" + std::to_string(number % 100)},
                     {"version", "1.14.2"},
                     {"zone", "eu-west-1b"}};
    model::Check check;
    check.check_id = CheckOf(number);
    check.name = "Service '" + instance.service.str() + "' check";
    check.status = model::CheckStatus::kPassing;
    check.service_id = instance.id;
    check.type = "ttl";
    model::CheckDefinition definition;
    definition.ttl = ttl;
    check.definition = std::move(definition);
    check.upkeep = check.definition;
    put.instance = std::move(instance);
    put.checks.push_back(std::move(check));
    return put;
  }
};

}  // namespace rollcall::bench
