#include "registry/acl/methods/answers.h"

#include <nlohmann/json.hpp>

#include "registry/base/go_duration.h"

namespace rollcall::acl {
namespace {

using nlohmann::ordered_json;

// All but Config and the indexes.
ordered_json HeadOfMethod(const AuthMethod& method) {
  ordered_json json;
  // First, for Consul's encoder puts what it replaces before what it takes over.
  if (method.max_token_ttl.count() != 0) {
    json["MaxTokenTTL"] = FormatGoDuration(method.max_token_ttl);
  }
  json["Name"] = method.name;
  json["Type"] = method.type;
  if (!method.display_name.empty()) json["DisplayName"] = method.display_name;
  if (!method.description.empty()) json["Description"] = method.description;
  if (!method.token_locality.empty()) json["TokenLocality"] = method.token_locality;
  return json;
}

void PutIndexes(const Indexes& indexes, ordered_json* to) {
  (*to)["CreateIndex"] = indexes.create.value();
  (*to)["ModifyIndex"] = indexes.modify.value();
}

}  // namespace

ordered_json AuthMethodJson(const AuthMethod& method, const Indexes& indexes) {
  ordered_json json = HeadOfMethod(method);
  json["Config"] = ordered_json::parse(method.config, nullptr, false);
  PutIndexes(indexes, &json);
  return json;
}

ordered_json AuthMethodListedJson(const AuthMethod& method, const Indexes& indexes) {
  ordered_json json = HeadOfMethod(method);
  PutIndexes(indexes, &json);
  return json;
}

ordered_json BindingRuleJson(const BindingRule& rule, const Indexes& indexes) {
  ordered_json json = {{"ID", rule.id},
                       {"Description", rule.description},
                       {"AuthMethod", rule.auth_method},
                       {"Selector", rule.selector},
                       {"BindType", ToString(rule.bind_type)},
                       {"BindName", rule.bind_name}};
  PutIndexes(indexes, &json);
  return json;
}

}  // namespace rollcall::acl
