// Issuer: whoever makes tokens, for tests: a key of OpenSSL's, and tokens that it signs. Signing is
// OpenSSL's own and nothing of ours. Single-threaded.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "registry/jwt/algorithm.h"

struct evp_pkey_st;

namespace rollcall::jwt {

class Issuer {
 public:
  // A new key. `kind`: "RSA-2048" and other sizes, "P-256", "P-384", "P-521", "secp256k1",
  // "Ed25519", "RSA-PSS".
  explicit Issuer(std::string_view kind);

  // The key that such an algorithm takes, made once for all tests: RSA keys take long.
  static const Issuer& For(Algorithm algorithm);

  std::string PublicPem() const;
  std::string PrivatePem() const;
  // A certificate of the key, self-signed, that expired in 1970.
  std::string CertificatePem() const;

  // Members of the public key's JWK, without kid, use and alg.
  nlohmann::json Jwk() const;
  std::string JwksOf(const std::string& key_id) const;

  // A token with {"alg": ..., "typ": "JWT"} and, unless it is empty, the key ID.
  std::string Token(Algorithm algorithm, const nlohmann::json& claims,
                    const std::string& key_id = "") const;
  // Signs whatever text as the header and payload of a token.
  std::string TokenOf(Algorithm algorithm, std::string_view header, std::string_view payload) const;

 private:
  std::string Signature(Algorithm algorithm, const std::string& text) const;

  std::shared_ptr<evp_pkey_st> key_;
};

// HMAC with SHA-256 of `secret`, as a token: what an attacker makes of a public key.
std::string HmacToken(std::string_view secret, const nlohmann::json& claims);

// A token that says "none", in this writing of it, and has this as its signature.
std::string UnsignedToken(const std::string& none, const nlohmann::json& claims,
                          const std::string& signature = "");

}  // namespace rollcall::jwt
