// Rules in the JSON form, for tests: a list of objects for each resource, so that none is lost.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "registry/acl/rules.h"

namespace rollcall::acl {

inline std::string WriteJson(const Rules& rules) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (const Scalar scalar : {Scalar::kAcl, Scalar::kKeyring, Scalar::kOperator}) {
    if (rules.of(scalar)) json[std::string(NameOf(scalar))] = NameOf(*rules.of(scalar));
  }
  for (const Rule& rule : rules.named) {
    nlohmann::ordered_json block = {{"policy", NameOf(rule.access)}};
    if (rule.intentions) block["intentions"] = NameOf(*rule.intentions);
    nlohmann::ordered_json named = nlohmann::ordered_json::object();
    named[rule.name] = std::move(block);
    json[std::string(NameOf(Subject{rule.resource, rule.match}))].push_back(std::move(named));
  }
  return json.dump();
}

}  // namespace rollcall::acl
