#include "registry/acl/objects/stored.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "registry/acl/objects/link_json.h"
#include "registry/acl/objects/secrets.h"
#include "registry/acl/objects/stored_form.h"
#include "registry/base/base64.h"
#include "registry/model/json_fields.h"

namespace rollcall::acl {
namespace {

using model::FieldReader;
using nlohmann::ordered_json;

int64_t StoredTime(UtcTime time) { return time.time_since_epoch().count(); }

}  // namespace

model::AclObject WriteToken(const Token& token) {
  ordered_json json = {{"V", kStoredVersion}, {"AccessorID", token.accessor_id}};
  PutText("Description", token.description, &json);
  PutList("Policies", token.policy_ids, &json);
  PutList("Roles", token.role_ids, &json);
  PutList("ServiceIdentities", ServiceIdentitiesJson(token.service_identities), &json);
  PutList("NodeIdentities", NodeIdentitiesJson(token.node_identities), &json);
  if (token.local) json["Local"] = true;
  PutText("AuthMethod", token.auth_method, &json);
  json["CreateTime"] = StoredTime(token.create_time);
  if (token.expiration_time) json["ExpirationTime"] = StoredTime(*token.expiration_time);
  return StoredObject(model::AclKind::kToken, token.secret_hash, json);
}

model::AclObject WritePolicy(const Policy& policy) {
  ordered_json json = {{"V", kStoredVersion}, {"ID", policy.id}, {"Name", policy.name}};
  PutText("Description", policy.description, &json);
  PutText("Rules", policy.rules, &json);
  PutList("Datacenters", policy.datacenters, &json);
  return StoredObject(model::AclKind::kPolicy, policy.id, json);
}

model::AclObject WriteRole(const Role& role) {
  ordered_json json = {{"V", kStoredVersion}, {"ID", role.id}, {"Name", role.name}};
  PutText("Description", role.description, &json);
  PutList("Policies", role.policy_ids, &json);
  PutList("ServiceIdentities", ServiceIdentitiesJson(role.service_identities), &json);
  PutList("NodeIdentities", NodeIdentitiesJson(role.node_identities), &json);
  return StoredObject(model::AclKind::kRole, role.id, json);
}

Result<Token> ReadToken(const model::AclObject& object) {
  if (!IsSecretHash(object.id)) return Damaged(object, "its ID is not the hash of a secret");
  const auto read = [&object](FieldReader* reader, Token* token) {
    std::chrono::nanoseconds created{0};
    std::optional<std::chrono::nanoseconds> expires;
    token->secret_hash = object.id;
    reader->Read("AccessorID", &token->accessor_id)
        .Read("Description", &token->description)
        .Read("Policies", &token->policy_ids)
        .Read("Roles", &token->role_ids)
        .Read("Local", &token->local)
        .Read("AuthMethod", &token->auth_method)
        .Read("CreateTime", &created)
        .ReadNested("ExpirationTime",
                    [&expires](const nlohmann::json& value, const std::string& path) {
                      if (!value.is_number_integer()) {
                        return Result<void>(InvalidArgument(path + ": expected a whole number"));
                      }
                      expires = std::chrono::nanoseconds(value.get<int64_t>());
                      return Result<void>();
                    });
    ReadIdentities(reader, &token->service_identities, &token->node_identities);
    token->create_time = UtcTime(created);
    if (expires) token->expiration_time = UtcTime(*expires);
  };
  Result<Token> token = ReadStored<Token>(object, read, WriteToken);
  if (token && !model::IsUuid(token->accessor_id)) {
    return Damaged(object, "its accessor ID is not a UUID");
  }
  return token;
}

Result<Policy> ReadPolicy(const model::AclObject& object) {
  const auto read = [](FieldReader* reader, Policy* policy) {
    reader->Read("ID", &policy->id)
        .Read("Name", &policy->name)
        .Read("Description", &policy->description)
        .Read("Rules", &policy->rules)
        .Read("Datacenters", &policy->datacenters);
  };
  return ReadStored<Policy>(object, read, WritePolicy);
}

Result<Role> ReadRole(const model::AclObject& object) {
  const auto read = [](FieldReader* reader, Role* role) {
    reader->Read("ID", &role->id)
        .Read("Name", &role->name)
        .Read("Description", &role->description)
        .Read("Policies", &role->policy_ids);
    ReadIdentities(reader, &role->service_identities, &role->node_identities);
  };
  return ReadStored<Role>(object, read, WriteRole);
}

std::string ContentHash(const model::AclObject& object) {
  return EncodeBase64(Sha256(object.content));
}

}  // namespace rollcall::acl
