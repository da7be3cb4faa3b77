#include "registry/acl/objects/requests.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "registry/acl/objects/body.h"
#include "registry/acl/objects/identity_checks.h"
#include "registry/acl/objects/link_json.h"
#include "registry/acl/rule_parser.h"
#include "registry/base/ascii.h"
#include "registry/model/json_fields.h"
#include "registry/model/records.h"

namespace rollcall::acl {
namespace {

using model::FieldReader;

// How Go's clients write a time that is not set.
constexpr std::string_view kGoZeroTime = "0001-01-01T00:00:00Z";

Result<void> ReadTime(const nlohmann::json& value, const std::string& path,
                      std::optional<UtcTime>* out) {
  if (!value.is_string()) return InvalidArgument(path + ": expected a time as a string");
  const auto& text = value.get_ref<const std::string&>();
  if (text == kGoZeroTime) return {};
  const Result<UtcTime> time = ParseRfc3339(text);
  if (!time) return InvalidArgument(path + ": " + time.error().message);
  *out = *time;
  return {};
}

void ReadLinks(std::string_view name, FieldReader* reader, std::vector<LinkRequest>* out) {
  reader->ReadNested(name, [out](const nlohmann::json& list, const std::string& path) {
    return ForEachElement(list, path, [out](const nlohmann::json& element, const std::string& at) {
      LinkRequest link;
      FieldReader fields(element, at);
      fields.RefuseRepeats().Read("ID", &link.id).Read("Name", &link.name);
      link.id = AsciiLower(link.id);
      out->push_back(std::move(link));
      return fields.Finish();
    });
  });
}

Result<void> CheckUuid(std::string_view id, std::string_view problem) {
  if (id.empty() || model::IsUuid(id)) return {};
  return InvalidArgument(std::string(problem));
}

Result<void> CheckToken(const TokenRequest& token, std::string_view legacy_rules) {
  if (Result<void> ok =
          CheckUuid(token.accessor_id, "Invalid Token: AccessorID is not a valid UUID");
      !ok) {
    return ok;
  }
  if (token.secret_id != kAnonymousSecret) {
    if (Result<void> ok = CheckUuid(token.secret_id, "Invalid Token: SecretID is not a valid UUID");
        !ok) {
      return ok;
    }
  }
  if (!legacy_rules.empty()) {
    return InvalidArgument("Rules cannot be specified for this token: link it to a policy");
  }
  for (const ServiceIdentity& identity : token.service_identities) {
    if (token.local && !identity.datacenters.empty()) {
      return InvalidArgument("Service identity \"" + identity.service_name +
                             "\" cannot specify a list of datacenters on a local token");
    }
  }
  return {};
}

}  // namespace

Result<TokenRequest> ParseTokenRequest(std::string_view body) {
  TokenRequest token;
  std::string legacy_rules;
  const auto read = [&](FieldReader* reader) {
    reader->Read("AccessorID", &token.accessor_id)
        .Read("SecretID", &token.secret_id)
        .Read("Description", &token.description)
        .Read("Local", &token.local)
        .Read("AuthMethod", &token.auth_method)
        .Read("Rules", &legacy_rules)
        .Read("ExpirationTTL", &token.expiration_ttl)
        .ReadNested("ExpirationTime",
                    [&token](const nlohmann::json& value, const std::string& path) {
                      return ReadTime(value, path, &token.expiration_time);
                    })
        .Ignore("CreateTime");
    ReadLinks("Policies", reader, &token.policies);
    ReadLinks("Roles", reader, &token.roles);
    ReadIdentities(reader, &token.service_identities, &token.node_identities);
  };
  if (const Result<void> ok = ReadBody(body, "Token", read); !ok) return ok.error();
  const Result<void> valid =
      CheckIdentities(token.service_identities, token.node_identities, "token");
  if (!valid) return valid.error();
  if (token.secret_id == kHiddenSecret) token.secret_id.clear();
  if (const Result<void> ok = CheckToken(token, legacy_rules); !ok) return ok.error();
  token.accessor_id = AsciiLower(token.accessor_id);
  Normalize(&token.service_identities);
  Normalize(&token.node_identities);
  return token;
}

Result<Policy> ParsePolicyRequest(std::string_view body) {
  Policy policy;
  const auto read = [&policy](FieldReader* reader) {
    reader->Read("ID", &policy.id)
        .Read("Name", &policy.name)
        .Read("Description", &policy.description)
        .Read("Rules", &policy.rules)
        .Read("Datacenters", &policy.datacenters);
  };
  if (const Result<void> ok = ReadBody(body, "Policy", read); !ok) return ok.error();
  if (const Result<void> ok = CheckName(policy.name, "Policy", kMaxPolicyName); !ok) {
    return ok.error();
  }
  if (const Result<void> ok = CheckUuid(policy.id, "Policy ID invalid UUID"); !ok) {
    return ok.error();
  }
  if (const Result<Rules> rules = ParseRules(policy.rules); !rules) {
    return InvalidArgument("Invalid Policy: Rules: " + rules.error().message);
  }
  policy.id = AsciiLower(policy.id);
  return policy;
}

Result<RoleRequest> ParseRoleRequest(std::string_view body) {
  RoleRequest role;
  const auto read = [&role](FieldReader* reader) {
    reader->Read("ID", &role.id).Read("Name", &role.name).Read("Description", &role.description);
    ReadLinks("Policies", reader, &role.policies);
    ReadIdentities(reader, &role.service_identities, &role.node_identities);
  };
  if (const Result<void> ok = ReadBody(body, "Role", read); !ok) return ok.error();
  if (const Result<void> ok = CheckName(role.name, "Role", kMaxRoleName); !ok) return ok.error();
  if (const Result<void> ok = CheckUuid(role.id, "Role ID invalid UUID"); !ok) return ok.error();
  const Result<void> valid = CheckIdentities(role.service_identities, role.node_identities, "role");
  if (!valid) return valid.error();
  role.id = AsciiLower(role.id);
  Normalize(&role.service_identities);
  Normalize(&role.node_identities);
  return role;
}

}  // namespace rollcall::acl
