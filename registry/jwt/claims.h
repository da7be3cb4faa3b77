// Whether verified claims are for us and for now. Without state: any thread.
// Source: RFC 7519 section 4.1; Consul 1.8, internal/go-sso/oidcauth (jwt.go), for the leeways.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "registry/base/result.h"
#include "registry/base/rfc3339.h"
#include "registry/jwt/method_config.h"

namespace rollcall::jwt {

// When a token's time is over.
struct TokenLife {
  UtcTime expires;   // exp, or what stands for it
  UtcTime accepted;  // until then it is taken: `expires` and the leeway for clocks
};

// kPermissionDenied with the reason unless
// - iss is BoundIssuer, if there is one;
// - one of aud, a string or a list of them, is one of BoundAudiences; without BoundAudiences there
//   must be no aud at all;
// - one of iat, nbf and exp is there, and each that is there is a number of seconds since 1970;
// - nbf and iat are not later than `now` and exp is not earlier, by more than ClockSkewLeeway.
// Where there is no exp, the token is good for ExpirationLeeway after the later one of iat and nbf.
// Where there is no nbf, iat stands for it, or else NotBeforeLeeway before exp.
//
// An exp of 0 is 1970 here; in Consul it is as good as none.
Result<TokenLife> CheckClaims(const nlohmann::json& claims, const MethodConfig& config,
                              UtcTime now);

}  // namespace rollcall::jwt
