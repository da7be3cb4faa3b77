// KeySet: the keys of one issuer, and which of them a token means. Immutable: any thread.
// Source: RFC 7517 (JWK), RFC 7518 section 6 (RSA, EC), RFC 8037 section 2 (OKP).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "registry/base/result.h"
#include "registry/jwt/algorithm.h"
#include "registry/jwt/public_key.h"

namespace rollcall::jwt {

// Limits of one set. Issuers have two to ten keys.
inline constexpr size_t kMaxKeySetSize = 256 * 1024;
inline constexpr size_t kMaxKeys = 64;

// A key, and what it may be used for beside what its type says.
struct Key {
  PublicKey key;
  std::optional<std::string> id;
  std::optional<Algorithm> algorithm;  // `alg`: for no other one
};

class KeySet {
 public:
  // Of a JWKS. Keys that cannot be used here are passed over, as RFC 7517 section 5 has it, and
  // said in passed_over(): of another type ("oct") or curve, damaged, too weak, with a `use` other
  // than "sig", with `key_ops` without "verify", for another algorithm, or a private key, which is
  // nobody's secret any more. A set without any is valid, and verifies nothing.
  // kInvalidArgument for what is no JWKS, larger than kMaxKeySetSize, or of more than kMaxKeys.
  static Result<KeySet> FromJwks(std::string_view text);

  // One for each PEM text (PublicKey::FromPem), without IDs. kInvalidArgument when one is none.
  static Result<KeySet> FromPems(const std::vector<std::string>& pems);

  const std::vector<Key>& keys() const { return keys_; }
  // One line for each key that is not there, with the reason.
  const std::vector<std::string>& passed_over() const { return passed_over_; }

  bool Knows(const std::string& key_id) const;

  // Those that a token of this algorithm and key ID may have been signed with: where it names one,
  // the keys of that ID and, of a set from PEM, all; where it names none, all. At least one.
  // kNotFound when no key has this ID, kPermissionDenied when none of those meant goes with the
  // algorithm.
  Result<std::vector<const Key*>> Candidates(Algorithm algorithm,
                                             const std::optional<std::string>& key_id) const;

 private:
  bool has_ids_ = true;  // false: of PEM, where an ID can mean any
  std::vector<Key> keys_;
  std::vector<std::string> passed_over_;
};

}  // namespace rollcall::jwt
