// Whether a new token may have the IDs that it is to have. Accessor IDs are shown and logged, and
// secrets are what grants something: neither may be, or become, the other of any token.
// Without state: any thread.
// Source: Consul 1.8, agent/consul/acl_endpoint.go (TokenSet).
#pragma once

#include <functional>
#include <string_view>

#include "registry/acl/objects/drafts.h"
#include "registry/base/result.h"

namespace rollcall::acl {

// Of all tokens there are, those that have expired included.
struct TokenLookUps {
  std::function<bool(std::string_view accessor_id)> has_accessor;  // in lower case
  std::function<bool(std::string_view secret_hash)> has_secret;    // as HashSecret has it
};

// kInvalidArgument, in Consul's words, when some token has the accessor ID for its accessor ID or
// its secret, or the secret for either. As of secrets there are hashes alone, one that its owner
// has chosen in capital and small letters mixed is not found to be the accessor ID.
Result<void> CheckIdsAreFree(const TokenAndSecret& token, const TokenLookUps& there_is);

}  // namespace rollcall::acl
