#include "registry/jwt/jwk.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "registry/jwt/base64url.h"
#include "registry/jwt/shown.h"

namespace rollcall::jwt {
namespace {

using nlohmann::json;

// A member that is a string; nothing when it is not there or is none.
std::optional<std::string> TextOf(const json& jwk, const char* name) {
  const auto member = jwk.find(name);
  if (member == jwk.end() || !member->is_string()) return std::nullopt;
  return member->get<std::string>();
}

Result<std::string> BytesOf(const json& jwk, const char* name) {
  const auto text = TextOf(jwk, name);
  auto bytes = text ? DecodeBase64Url(*text) : std::nullopt;
  if (!bytes || bytes->empty()) {
    return InvalidArgument("its member \"" + std::string(name) + "\" is not base64url");
  }
  return *std::move(bytes);
}

Result<PublicKey> RsaKeyOf(const json& jwk) {
  const auto modulus = BytesOf(jwk, "n");
  if (!modulus) return modulus.error();
  const auto exponent = BytesOf(jwk, "e");
  if (!exponent) return exponent.error();
  return PublicKey::FromRsa(*modulus, *exponent);
}

Result<PublicKey> PointKeyOf(const json& jwk) {
  const std::string curve = TextOf(jwk, "crv").value_or("");
  const auto x = BytesOf(jwk, "x");
  if (!x) return x.error();
  const auto y = BytesOf(jwk, "y");
  if (!y) return y.error();
  for (const KeyType type : {KeyType::kP256, KeyType::kP384, KeyType::kP521}) {
    if (curve == ToString(type)) return PublicKey::FromPoint(type, *x, *y);
  }
  return InvalidArgument("its curve " + Shown(curve) + " is not supported");
}

Result<PublicKey> OctetKeyOf(const json& jwk) {
  const std::string curve = TextOf(jwk, "crv").value_or("");
  if (curve != ToString(KeyType::kEd25519)) {
    return InvalidArgument("its curve " + Shown(curve) + " is not supported");
  }
  const auto bytes = BytesOf(jwk, "x");
  if (!bytes) return bytes.error();
  return PublicKey::FromEd25519(*bytes);
}

Result<PublicKey> PublicKeyOf(const json& jwk) {
  const auto type = TextOf(jwk, "kty");
  if (!type) return InvalidArgument("it has no type (kty)");
  if (*type == "oct") {
    return InvalidArgument("it is a shared secret (kty \"oct\"), with which nothing is verified");
  }
  // RFC 7518 sections 6.2.2 and 6.3.2: what makes a key a private one.
  if (jwk.contains("d")) {
    return InvalidArgument("it is a private key (member \"d\"): whoever reads the set can sign");
  }
  if (*type == "RSA") return RsaKeyOf(jwk);
  if (*type == "EC") return PointKeyOf(jwk);
  if (*type == "OKP") return OctetKeyOf(jwk);
  return InvalidArgument("its type (kty) " + Shown(*type) + " is not supported");
}

// RFC 7517 sections 4.2 and 4.3: what its owner has made it for.
Result<void> CheckUse(const json& jwk) {
  if (const auto use = jwk.find("use"); use != jwk.end() && *use != "sig") {
    return InvalidArgument("it is not for signatures (use)");
  }
  const auto operations = jwk.find("key_ops");
  if (operations == jwk.end()) return {};
  const bool verifies = operations->is_array() && std::find(operations->begin(), operations->end(),
                                                            "verify") != operations->end();
  if (verifies) return {};
  return InvalidArgument("it is not for verifying (key_ops)");
}

Result<void> ReadAlgorithm(const json& jwk, Key* key) {
  const auto name = jwk.find("alg");
  if (name == jwk.end()) return {};
  if (!name->is_string()) return InvalidArgument("its algorithm (alg) is not a string");
  const auto algorithm = ParseAlgorithm(name->get_ref<const std::string&>());
  if (!algorithm) return InvalidArgument(algorithm.error().message);
  if (KeyTypeOf(*algorithm) != key->key.type()) {
    return InvalidArgument("it is of type " + std::string(ToString(key->key.type())) +
                           ", with which its algorithm " + std::string(ToString(*algorithm)) +
                           " does not go");
  }
  key->algorithm = *algorithm;
  return {};
}

}  // namespace

Result<Key> ParseJwk(const json& jwk) {
  if (!jwk.is_object()) return InvalidArgument("it is not a JSON object");
  if (const Result<void> ok = CheckUse(jwk); !ok) return ok.error();
  auto public_key = PublicKeyOf(jwk);
  if (!public_key) return public_key.error();
  Key key{*std::move(public_key), std::nullopt, std::nullopt};
  if (const Result<void> ok = ReadAlgorithm(jwk, &key); !ok) return ok.error();
  if (jwk.contains("kid")) {
    key.id = TextOf(jwk, "kid");
    if (!key.id) return InvalidArgument("its ID (kid) is not a string");
  }
  return key;
}

}  // namespace rollcall::jwt
