// What a token grants: from its policies, its roles' policies and the identities of both to one
// Authorizer. Without state: any thread. Takes as long as parsing all these rules, so that callers
// keep the result as long as no object has changed (Snapshot::acl_edition) and the token is good.
// Source: Consul 1.8, agent/consul/acl.go (resolvePoliciesForIdentity, filterPoliciesByScope).
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "registry/acl/authorizer.h"
#include "registry/acl/objects/objects.h"
#include "registry/acl/rules.h"
#include "registry/base/result.h"
#include "registry/model/records.h"

namespace rollcall::acl {

// The record, or null when there is none: Snapshot::FindAcl. It lives as long as the call that has
// asked for it.
using FindObject = std::function<const model::AclObject*(model::AclKind kind, std::string_view id)>;

// The most that a token may be linked with, in bytes: the records of its policies and roles, each
// role's as often as it is listed, and the text of the rules that identities stand for. It bounds
// the time that a request with an unknown token can take: about a tenth of a second.
inline constexpr size_t kMaxGrantBytes = size_t{2} << 20;

struct GrantContext {
  FindObject find;
  std::string_view datacenter;  // this one: where a policy or identity does not count, it is not
  UtcTime now;
  DefaultPolicy otherwise = DefaultPolicy::kDeny;
};

// The token that has this secret; the anonymous one for an empty secret, which is there even when
// nobody has stored it. kNotFound, "ACL not found", when there is none or it has expired,
// kCorruption when its record cannot be read.
Result<Token> FindTokenBySecret(std::string_view secret, const GrantContext& context);
// The same for who has the secret's hash (HashSecret).
Result<Token> FindTokenByHash(std::string_view secret_hash, const GrantContext& context);

// The rules of each policy and each identity of the token that count here.
// Links to what is gone are passed over; a token without any is left with what holds otherwise. The
// built-in policy grants everything, whatever its record says. kNotFound when the token has
// expired. kCorruption when a record that it is linked with cannot be read, or its rules, or when
// they are more than kMaxGrantBytes: without these a denial would be missing, so nothing is granted
// then. Its message names the token's accessor ID or the record, and is for the log.
Result<std::vector<Rules>> RulesOf(const Token& token, const GrantContext& context);

// What they grant together.
Authorizer Compile(std::span<const Rules> policies, DefaultPolicy otherwise);

// Both at once.
Result<Authorizer> AuthorizerOf(const Token& token, const GrantContext& context);

}  // namespace rollcall::acl
