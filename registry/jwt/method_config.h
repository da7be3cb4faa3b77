// MethodConfig: the settings of one auth method of type "jwt", in Consul's words. A plain value:
// any thread. Source: Consul's documentation of the JWT auth method; internal/go-sso/oidcauth in
// its sources, for what the words mean.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "registry/base/result.h"
#include "registry/jwt/algorithm.h"

namespace rollcall::jwt {

struct MethodConfig {
  // Where the keys come from: exactly one of these.
  std::vector<std::string> validation_pub_keys;  // JWTValidationPubKeys: PEM
  std::string jwks_url;                          // JWKSURL
  std::string jwks_file;                         // JWKSFile: a path on the server (not in Consul)
  std::string jwks;                              // JWKS: the text itself (not in Consul)
  std::string jwks_ca_cert;                      // JWKSCACert: PEM, for jwks_url

  std::vector<Algorithm> supported_algs;     // JWTSupportedAlgs; none: all that go with the keys
  std::string bound_issuer;                  // BoundIssuer; empty: any
  std::vector<std::string> bound_audiences;  // BoundAudiences; none: tokens without audience

  // 0: the default, below zero: none at all.
  std::chrono::nanoseconds expiration_leeway{0};  // ExpirationLeeway
  std::chrono::nanoseconds not_before_leeway{0};  // NotBeforeLeeway
  std::chrono::nanoseconds clock_skew_leeway{0};  // ClockSkewLeeway

  // From a claim, by its name or a JSON pointer (RFC 6901), to the variable's name.
  std::map<std::string, std::string> claim_mappings;       // ClaimMappings
  std::map<std::string, std::string> list_claim_mappings;  // ListClaimMappings

  friend bool operator==(const MethodConfig&, const MethodConfig&) = default;
};

inline constexpr std::chrono::seconds kDefaultExpirationLeeway{150};
inline constexpr std::chrono::seconds kDefaultNotBeforeLeeway{150};
inline constexpr std::chrono::seconds kDefaultClockSkewLeeway{60};

// What a leeway amounts to.
std::chrono::nanoseconds LeewayOf(std::chrono::nanoseconds configured,
                                  std::chrono::seconds otherwise);

// kInvalidArgument, in Consul's words where it has some, unless there is exactly one source of
// keys, with good keys, at least one, where these are given here, JWKSURL is http or https,
// JWKSCACert is certificates and stands beside a JWKSURL only, and no two claims are mapped to one
// name. Whether a URL can be reached is not tried, as the issuer may be there later.
Result<void> CheckMethodConfig(const MethodConfig& config);

}  // namespace rollcall::jwt
