#include "registry/jwt/verify.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "registry/jwt/shown.h"
#include "registry/jwt/strict_json.h"

namespace rollcall::jwt {
namespace {

std::string NamesOf(const std::vector<Algorithm>& algorithms) {
  std::string names;
  for (const Algorithm algorithm : algorithms) {
    names += (names.empty() ? "" : ", ") + std::string(ToString(algorithm));
  }
  return names;
}

}  // namespace

Result<nlohmann::json> VerifiedClaims(const CompactJws& token, const KeySet& keys,
                                      const std::vector<Algorithm>& allowed) {
  if (!allowed.empty() &&
      std::find(allowed.begin(), allowed.end(), token.algorithm) == allowed.end()) {
    return Refused("the token's algorithm " + std::string(ToString(token.algorithm)) +
                   " is not allowed: " + NamesOf(allowed) + " (JWTSupportedAlgs)");
  }
  const auto candidates = keys.Candidates(token.algorithm, token.key_id);
  if (!candidates) return candidates.error();
  const bool is_signed =
      std::any_of(candidates->begin(), candidates->end(), [&token](const Key* key) {
        return key->key.Verifies(token.algorithm, token.signed_text, token.signature);
      });
  if (!is_signed) {
    return Refused("the token's signature is not that of " +
                   (token.key_id && keys.keys().size() > 1
                        ? "the key " + Shown(*token.key_id)
                        : std::string(candidates->size() == 1 ? "the key" : "any of the keys")) +
                   ": it was altered, or signed by somebody else");
  }
  auto claims = ParseStrictObject(token.payload, "the token's payload");
  if (!claims) return Refused(claims.error().message);
  return claims;
}

}  // namespace rollcall::jwt
