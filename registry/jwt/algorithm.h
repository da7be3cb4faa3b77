// Algorithms: the ways to sign a JWT that are taken, and which kind of key each goes with. Values
// without state: any thread.
// Sources: RFC 7518 section 3.1 (RS*, ES*), RFC 8037 section 3.1 (EdDSA).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "registry/base/result.h"

namespace rollcall::jwt {

enum class Algorithm : uint8_t { kRs256, kRs384, kRs512, kEs256, kEs384, kEs512, kEdDsa };
inline constexpr std::array kAlgorithms = {Algorithm::kRs256, Algorithm::kRs384, Algorithm::kRs512,
                                           Algorithm::kEs256, Algorithm::kEs384, Algorithm::kEs512,
                                           Algorithm::kEdDsa};

// A curve is a part of the type: each ES algorithm is for one curve (RFC 7518 section 3.4).
enum class KeyType : uint8_t { kRsa, kP256, kP384, kP521, kEd25519 };

// "RS256", as in a token's header.
std::string_view ToString(Algorithm algorithm);
// "RSA", "P-256", "Ed25519".
std::string_view ToString(KeyType type);

// The one kind of key that may verify it. What keeps a key of one kind from being taken for
// another's: the token chooses the algorithm, and nobody but the owner of the keys their kind.
KeyType KeyTypeOf(Algorithm algorithm);

// The digest, as OpenSSL names it; null for EdDSA, which hashes by itself.
const char* DigestOf(Algorithm algorithm);

// Bytes of a signature of fixed size: twice a coordinate (RFC 7518 section 3.4), and 64 of EdDSA.
// 0 for RSA, where it is the key's size.
size_t SignatureSizeOf(Algorithm algorithm);

// Names are case-sensitive (RFC 7515 section 4.1.1). kPermissionDenied says why "none", what is
// keyed with a shared secret (HS*) and all others are refused.
Result<Algorithm> ParseAlgorithm(std::string_view name);

}  // namespace rollcall::jwt
