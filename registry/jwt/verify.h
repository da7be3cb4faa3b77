// From a token to claims that its issuer has signed. Without state: any thread. Costs one
// verification for each key that may be meant (KeySet::Candidates).
// Source: RFC 7515 section 5.2, RFC 8725 (best current practices) sections 3.1 and 3.2.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "registry/base/result.h"
#include "registry/jwt/algorithm.h"
#include "registry/jwt/compact_jws.h"
#include "registry/jwt/key_set.h"

namespace rollcall::jwt {

// The claims, an object. Nothing of the payload is parsed before its signature is good.
// `allowed`: the algorithms that are taken; none given: all of algorithm.h.
// kNotFound when the token names a key that is not in the set, so that newer ones can be fetched;
// kPermissionDenied with the reason for all else.
Result<nlohmann::json> VerifiedClaims(const CompactJws& token, const KeySet& keys,
                                      const std::vector<Algorithm>& allowed);

}  // namespace rollcall::jwt
