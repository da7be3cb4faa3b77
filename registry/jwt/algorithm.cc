#include "registry/jwt/algorithm.h"

#include <string>

#include "registry/base/ascii.h"
#include "registry/jwt/shown.h"

namespace rollcall::jwt {
namespace {

struct Traits {
  std::string_view name;
  KeyType key_type;
  const char* digest;
  size_t signature_size;
};

const Traits& TraitsOf(Algorithm algorithm) {
  // In the order of Algorithm.
  static constexpr std::array<Traits, kAlgorithms.size()> kTraits = {{
      {"RS256", KeyType::kRsa, "SHA2-256", 0},
      {"RS384", KeyType::kRsa, "SHA2-384", 0},
      {"RS512", KeyType::kRsa, "SHA2-512", 0},
      {"ES256", KeyType::kP256, "SHA2-256", 64},
      {"ES384", KeyType::kP384, "SHA2-384", 96},
      {"ES512", KeyType::kP521, "SHA2-512", 132},
      {"EdDSA", KeyType::kEd25519, nullptr, 64},
  }};
  return kTraits[static_cast<size_t>(algorithm)];
}

}  // namespace

std::string_view ToString(Algorithm algorithm) { return TraitsOf(algorithm).name; }

std::string_view ToString(KeyType type) {
  switch (type) {
    case KeyType::kRsa:
      return "RSA";
    case KeyType::kP256:
      return "P-256";
    case KeyType::kP384:
      return "P-384";
    case KeyType::kP521:
      return "P-521";
    case KeyType::kEd25519:
      return "Ed25519";
  }
  return "";
}

KeyType KeyTypeOf(Algorithm algorithm) { return TraitsOf(algorithm).key_type; }

const char* DigestOf(Algorithm algorithm) { return TraitsOf(algorithm).digest; }

size_t SignatureSizeOf(Algorithm algorithm) { return TraitsOf(algorithm).signature_size; }

Result<Algorithm> ParseAlgorithm(std::string_view name) {
  for (const Algorithm algorithm : kAlgorithms) {
    if (ToString(algorithm) == name) return algorithm;
  }
  if (EqualsIgnoreCase(name, "none")) {
    return Refused("the algorithm \"none\" is refused: the token is not signed");
  }
  if (EqualsIgnoreCase(name.substr(0, 2), "HS")) {
    return Refused("the algorithm " + Shown(name) +
                   " is refused: it is keyed with a shared secret, and none is ever shared here");
  }
  return Refused("the algorithm " + Shown(name) +
                 " is not supported: RS256, RS384, RS512, ES256, ES384, ES512 and EdDSA are");
}

}  // namespace rollcall::jwt
