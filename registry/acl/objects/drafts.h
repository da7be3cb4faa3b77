// From what a client asks for to the object that will be kept. Nothing is kept here, and nothing
// random is in it but new IDs: whoever calls has looked at all objects, and gives them to the
// catalog under the index that they had (model::ChangeAcl). Any thread.
// All errors are kInvalidArgument, in Consul's words where it has some, but for RandomUuid's.
// Source: Consul 1.8, agent/consul/acl_endpoint.go (TokenSet, PolicySet, RoleSet, TokenClone).
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "registry/acl/objects/objects.h"
#include "registry/acl/objects/requests.h"
#include "registry/base/result.h"

namespace rollcall::acl {

// The ID of the policy or role that a link means: by its ID, else by its name. Nothing when there
// is none.
using FindLink = std::function<std::optional<std::string>(const LinkRequest& link)>;

struct LinkFinders {
  FindLink policy;
  FindLink role;
};

// A new token, and its secret for the one answer that shows it.
struct TokenAndSecret {
  Token token;
  std::string secret;
};

// With the IDs that the client has chosen, otherwise with random ones. That no other token has one
// of them is for the caller to see. A token expires kMinTokenLife to kMaxTokenLife after `now`, or
// never.
Result<TokenAndSecret> NewToken(const TokenRequest& request, const LinkFinders& links, UtcTime now);

// `old` with all that `request` says, and without what it does not say. What is fixed when a token
// is made may be repeated and not changed: secret, locality, expiry, the method of a login.
Result<Token> ChangedToken(const Token& old, const TokenRequest& request, const LinkFinders& links);

// A new one that may what `old` may, for as long, with a description of its own if there is one.
// None of a token from a login; kNotFound of one that has expired.
Result<TokenAndSecret> ClonedToken(const Token& old, const std::string& description, UtcTime now);

// With a random ID. That the name is free is for the caller to see.
Result<Policy> NewPolicy(Policy request);

// `request` under the ID of `old`. Of the built-in policy only name and description may change.
Result<Policy> ChangedPolicy(const Policy& old, Policy request);

// With the ID that the request has, otherwise with a random one. That the name is free, and that
// there is such a role if the request has an ID, is for the caller to see.
Result<Role> MakeRole(const RoleRequest& request, const FindLink& policy);

}  // namespace rollcall::acl
