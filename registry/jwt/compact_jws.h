// CompactJws: a signed token, taken apart and not yet believed. Plain values: any thread.
//
//   token     = base64url(header) "." base64url(payload) "." base64url(signature)
//   header    = a JSON object: alg, kid; what else it says is not looked at
//   signed is  base64url(header) "." base64url(payload)
// Source: RFC 7515 section 3.1 (compact serialization) and section 5.2 (validation).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "registry/base/result.h"
#include "registry/jwt/algorithm.h"

namespace rollcall::jwt {

// Beyond this a token is refused unread. Tokens are made to be sent as a header, which no server
// takes half as large.
inline constexpr size_t kMaxTokenSize = 16 * 1024;

struct CompactJws {
  Algorithm algorithm = Algorithm::kRs256;
  std::optional<std::string> key_id;
  std::string signed_text;
  std::string payload;  // the claims' text; of whoever sent it, until the signature is verified
  std::string signature;
};

// kPermissionDenied with the reason: too large, encrypted (RFC 7516), not three parts, not
// base64url, a header that is no JSON or names a member twice, `alg` missing or none of those of
// algorithm.h, `crit` (RFC 7515 section 4.1.11: no extension of it is known here). Keys that a
// header brings along or points to (jwk, jku, x5c, x5u) are never used.
Result<CompactJws> ParseCompactJws(std::string_view token);

}  // namespace rollcall::jwt
