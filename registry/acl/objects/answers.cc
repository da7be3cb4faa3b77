#include "registry/acl/objects/answers.h"

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "registry/acl/objects/link_json.h"
#include "registry/acl/objects/stored.h"

namespace rollcall::acl {
namespace {

using nlohmann::ordered_json;

// Go's omitempty.
void PutUnlessEmpty(const char* name, ordered_json list, ordered_json* to) {
  if (!list.empty()) (*to)[name] = std::move(list);
}

ordered_json LinksJson(model::AclKind kind, const std::vector<std::string>& ids,
                       const NameOfObject& name_of) {
  auto list = ordered_json::array();
  for (const std::string& id : ids) {
    if (auto name = name_of(kind, id)) list.push_back({{"ID", id}, {"Name", *std::move(name)}});
  }
  return list;
}

void PutIdentities(const std::vector<ServiceIdentity>& services,
                   const std::vector<NodeIdentity>& nodes, ordered_json* to) {
  PutUnlessEmpty("ServiceIdentities", ServiceIdentitiesJson(services), to);
  PutUnlessEmpty("NodeIdentities", NodeIdentitiesJson(nodes), to);
}

void PutHashAndIndexes(const model::AclObject& object, const Indexes& indexes, ordered_json* to) {
  (*to)["Hash"] = ContentHash(object);
  (*to)["CreateIndex"] = indexes.create.value();
  (*to)["ModifyIndex"] = indexes.modify.value();
}

void PutRestOfToken(const Token& token, const Indexes& indexes, const NameOfObject& name_of,
                    ordered_json* to) {
  (*to)["Description"] = token.description;
  PutUnlessEmpty("Policies", LinksJson(model::AclKind::kPolicy, token.policy_ids, name_of), to);
  PutUnlessEmpty("Roles", LinksJson(model::AclKind::kRole, token.role_ids, name_of), to);
  PutIdentities(token.service_identities, token.node_identities, to);
  (*to)["Local"] = token.local;
  if (!token.auth_method.empty()) (*to)["AuthMethod"] = token.auth_method;
  if (token.expiration_time) (*to)["ExpirationTime"] = FormatRfc3339(*token.expiration_time);
  (*to)["CreateTime"] = FormatRfc3339(token.create_time);
  PutHashAndIndexes(WriteToken(token), indexes, to);
}

}  // namespace

ordered_json TokenJson(const Token& token, std::optional<std::string_view> secret,
                       const Indexes& indexes, const NameOfObject& name_of) {
  const std::string_view otherwise =
      token.accessor_id == kAnonymousTokenId ? kAnonymousSecret : kHiddenSecret;
  ordered_json json = {{"AccessorID", token.accessor_id}, {"SecretID", secret.value_or(otherwise)}};
  PutRestOfToken(token, indexes, name_of, &json);
  return json;
}

ordered_json TokenListedJson(const Token& token, const Indexes& indexes,
                             const NameOfObject& name_of) {
  ordered_json json = {{"AccessorID", token.accessor_id}};
  PutRestOfToken(token, indexes, name_of, &json);
  return json;
}

ordered_json PolicyJson(const Policy& policy, const Indexes& indexes) {
  ordered_json json = {{"ID", policy.id},
                       {"Name", policy.name},
                       {"Description", policy.description},
                       {"Rules", policy.rules}};
  PutUnlessEmpty("Datacenters", policy.datacenters, &json);
  PutHashAndIndexes(WritePolicy(policy), indexes, &json);
  return json;
}

ordered_json PolicyListedJson(const Policy& policy, const Indexes& indexes) {
  ordered_json json = {
      {"ID", policy.id}, {"Name", policy.name}, {"Description", policy.description}};
  json["Datacenters"] =
      policy.datacenters.empty() ? ordered_json() : ordered_json(policy.datacenters);
  PutHashAndIndexes(WritePolicy(policy), indexes, &json);
  return json;
}

ordered_json RoleJson(const Role& role, const Indexes& indexes, const NameOfObject& name_of) {
  ordered_json json = {{"ID", role.id}, {"Name", role.name}, {"Description", role.description}};
  PutUnlessEmpty("Policies", LinksJson(model::AclKind::kPolicy, role.policy_ids, name_of), &json);
  PutIdentities(role.service_identities, role.node_identities, &json);
  PutHashAndIndexes(WriteRole(role), indexes, &json);
  return json;
}

}  // namespace rollcall::acl
