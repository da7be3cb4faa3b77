#include "registry/acl/objects/drafts.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include "registry/acl/objects/secrets.h"
#include "registry/acl/syntax.h"
#include "registry/base/ascii.h"
#include "registry/base/go_duration.h"

namespace rollcall::acl {
namespace {

using std::chrono::nanoseconds;

// Each ID once, in the order of the links. `kind`: "policy".
Result<std::vector<std::string>> ResolveLinks(const std::vector<LinkRequest>& links,
                                              const FindLink& find, std::string_view kind) {
  std::vector<std::string> ids;
  for (const LinkRequest& link : links) {
    std::optional<std::string> id = find(link);
    if (!id) {
      return InvalidArgument(
          "No such ACL " + std::string(kind) +
          (link.id.empty() ? " with name " + Quoted(link.name) : " with ID " + Quoted(link.id)));
    }
    if (std::find(ids.begin(), ids.end(), *id) == ids.end()) ids.push_back(*std::move(id));
  }
  return ids;
}

// What an update replaces: nothing that is fixed when a token is made.
Result<void> SetChangeableParts(const TokenRequest& request, const LinkFinders& links,
                                Token* token) {
  auto policies = ResolveLinks(request.policies, links.policy, "policy");
  if (!policies) return policies.error();
  auto roles = ResolveLinks(request.roles, links.role, "role");
  if (!roles) return roles.error();
  token->policy_ids = *std::move(policies);
  token->role_ids = *std::move(roles);
  token->description = request.description;
  token->service_identities = request.service_identities;
  token->node_identities = request.node_identities;
  return {};
}

// The one that the client has chosen, or a random one. `member`: "AccessorID".
Result<std::string> ChosenOrRandomId(const std::string& chosen, std::string_view member) {
  if (chosen.empty()) return RandomUuid();
  if (chosen.starts_with(kReservedIdPrefix)) {
    return InvalidArgument("Invalid Token: " + std::string(member) + ": UUIDs with the prefix \"" +
                           std::string(kReservedIdPrefix) + "\" are reserved");
  }
  if (chosen == kAnonymousSecret) {
    return InvalidArgument("Invalid Token: " + std::string(member) + " is not a valid UUID");
  }
  return chosen;
}

Result<void> CheckLife(nanoseconds life) {
  const bool is_too_long = life > kMaxTokenLife;
  if (!is_too_long && life >= kMinTokenLife) return {};
  return InvalidArgument("ExpirationTime cannot be " +
                         std::string(is_too_long ? "more than " : "less than ") +
                         FormatGoDuration(is_too_long ? kMaxTokenLife : kMinTokenLife) +
                         " in the future (was " + FormatGoDuration(life) + ")");
}

Result<std::optional<UtcTime>> ExpirationOf(const TokenRequest& request, UtcTime now) {
  nanoseconds life = request.expiration_ttl;
  if (life < nanoseconds(0)) {
    return InvalidArgument("Token Expiration TTL '" + FormatGoDuration(life) + "' should be > 0");
  }
  if (request.expiration_time) {
    if (life != nanoseconds(0)) {
      return InvalidArgument("Token Expiration TTL and Expiration Time cannot both be set");
    }
    // Before the subtraction, which could overflow for times of centuries ago.
    if (*request.expiration_time < now) {
      return InvalidArgument("ExpirationTime cannot be before CreateTime");
    }
    life = *request.expiration_time - now;
  } else if (life == nanoseconds(0)) {
    return std::optional<UtcTime>();
  }
  if (const Result<void> ok = CheckLife(life); !ok) return ok.error();
  return std::optional<UtcTime>(now + life);
}

Error CannotChange(std::string_view what, const Token& token) {
  return InvalidArgument("Cannot change " + std::string(what) + " of " + token.accessor_id);
}

Result<void> CheckWhatIsFixed(const Token& old, const TokenRequest& request) {
  if (!request.secret_id.empty() && HashSecret(request.secret_id) != old.secret_hash) {
    return InvalidArgument("Changing a token's SecretID is not permitted");
  }
  if (request.local != old.local) {
    return InvalidArgument("Cannot toggle local mode of " + old.accessor_id);
  }
  if (!request.auth_method.empty() && request.auth_method != old.auth_method) {
    return CannotChange("AuthMethod", old);
  }
  if (request.expiration_ttl != nanoseconds(0) ||
      (request.expiration_time && request.expiration_time != old.expiration_time)) {
    return CannotChange("expiration time", old);
  }
  return {};
}

}  // namespace

Result<TokenAndSecret> NewToken(const TokenRequest& request, const LinkFinders& links,
                                UtcTime now) {
  if (!request.auth_method.empty()) {
    return InvalidArgument("AuthMethod field is disallowed outside of Login");
  }
  auto accessor = ChosenOrRandomId(request.accessor_id, "AccessorID");
  if (!accessor) return accessor.error();
  auto secret = ChosenOrRandomId(request.secret_id, "SecretID");
  if (!secret) return secret.error();
  if (EqualsIgnoreCase(*accessor, *secret)) {
    return InvalidArgument(
        "Invalid Token: SecretID must not be the AccessorID, which is no secret");
  }
  const auto expiration = ExpirationOf(request, now);
  if (!expiration) return expiration.error();
  Token token;
  if (const Result<void> ok = SetChangeableParts(request, links, &token); !ok) return ok.error();
  token.accessor_id = *std::move(accessor);
  token.secret_hash = HashSecret(*secret);
  token.local = request.local;
  token.create_time = now;
  token.expiration_time = *expiration;
  return TokenAndSecret{std::move(token), *std::move(secret)};
}

Result<Token> ChangedToken(const Token& old, const TokenRequest& request,
                           const LinkFinders& links) {
  if (const Result<void> ok = CheckWhatIsFixed(old, request); !ok) return ok.error();
  Token token = old;
  if (const Result<void> ok = SetChangeableParts(request, links, &token); !ok) return ok.error();
  return token;
}

Result<TokenAndSecret> ClonedToken(const Token& old, const std::string& description, UtcTime now) {
  if (!old.auth_method.empty()) {
    return InvalidArgument("Cannot clone a token created from an auth method");
  }
  if (old.IsExpired(now)) return NotFound("ACL not found");
  auto accessor = RandomUuid();
  if (!accessor) return accessor.error();
  auto secret = RandomUuid();
  if (!secret) return secret.error();
  Token token = old;
  if (!description.empty()) token.description = description;
  token.accessor_id = *std::move(accessor);
  token.secret_hash = HashSecret(*secret);
  token.create_time = now;
  return TokenAndSecret{std::move(token), *std::move(secret)};
}

Result<Policy> NewPolicy(Policy request) {
  auto id = RandomUuid();
  if (!id) return id.error();
  request.id = *std::move(id);
  return request;
}

Result<Policy> ChangedPolicy(const Policy& old, Policy request) {
  request.id = old.id;
  if (old.id == kGlobalManagementId &&
      (request.rules != old.rules || request.datacenters != old.datacenters)) {
    return InvalidArgument("Changing the " +
                           std::string(request.rules != old.rules ? "Rules" : "Datacenters") +
                           " of the builtin global-management policy is not permitted");
  }
  return request;
}

Result<Role> MakeRole(const RoleRequest& request, const FindLink& policy) {
  auto id = request.id.empty() ? RandomUuid() : Result<std::string>(request.id);
  if (!id) return id.error();
  auto policies = ResolveLinks(request.policies, policy, "policy");
  if (!policies) return policies.error();
  return Role{*std::move(id),
              request.name,
              request.description,
              *std::move(policies),
              request.service_identities,
              request.node_identities};
}

}  // namespace rollcall::acl
