// PublicKey: what verifies signatures. Immutable; copies share one key of OpenSSL's, which any
// number of threads may verify with at once.
#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "registry/base/result.h"
#include "registry/jwt/algorithm.h"

struct evp_pkey_st;

namespace rollcall::jwt {

// RFC 7518 section 3.3 demands the least. Beyond the most one verification takes milliseconds.
inline constexpr int kMinRsaBits = 2048;
inline constexpr int kMaxRsaBits = 8192;

class PublicKey {
 public:
  // The first block of a PEM text: "PUBLIC KEY" (RFC 7468 section 13) or "CERTIFICATE", of which
  // nothing but the key counts, neither its dates nor its issuer. kInvalidArgument for all else, a
  // private key among it, and for a key that is refused below.
  static Result<PublicKey> FromPem(std::string_view pem);

  // Of the numbers of a JWK, as big-endian bytes. kInvalidArgument unless the key is good: an RSA
  // modulus of kMinRsaBits to kMaxRsaBits, an odd exponent from 3 to 2^32-1; coordinates of the
  // curve's full size (RFC 7518 section 6.2.1) and a point of it; 32 bytes of Ed25519.
  static Result<PublicKey> FromRsa(std::string_view modulus, std::string_view exponent);
  static Result<PublicKey> FromPoint(KeyType curve, std::string_view x, std::string_view y);
  static Result<PublicKey> FromEd25519(std::string_view bytes);

  KeyType type() const { return type_; }

  // Whether `signature`, in the form of JWS, is the key owner's of `text`. False for an algorithm
  // that is not of this type of key, and for a signature of another size than it has to have.
  bool Verifies(Algorithm algorithm, std::string_view text, std::string_view signature) const;

 private:
  PublicKey(KeyType type, std::shared_ptr<evp_pkey_st> key) : type_(type), key_(std::move(key)) {}

  // Takes over `key`, which may be null.
  static Result<PublicKey> Checked(evp_pkey_st* key);

  KeyType type_;
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace rollcall::jwt
