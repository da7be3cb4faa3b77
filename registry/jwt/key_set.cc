#include "registry/jwt/key_set.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "registry/jwt/jwk.h"
#include "registry/jwt/shown.h"
#include "registry/jwt/strict_json.h"

namespace rollcall::jwt {
namespace {

Error TooManyKeys(size_t count) {
  return InvalidArgument("there are " + std::to_string(count) + " keys: there may be " +
                         std::to_string(kMaxKeys));
}

// How a key of a JWKS is called where it is passed over.
std::string NameOf(const nlohmann::json& jwk, size_t position) {
  std::string name = "key " + std::to_string(position);
  if (!jwk.is_object()) return name;
  const auto id = jwk.find("kid");
  if (id != jwk.end() && id->is_string()) name += " (" + Shown(id->get<std::string>()) + ")";
  return name;
}

std::string TypesOf(const std::vector<const Key*>& keys) {
  std::string types;
  for (const Key* key : keys) {
    std::string type(ToString(key->key.type()));
    if (key->algorithm) type += " for " + std::string(ToString(*key->algorithm));
    if (types.find(type) != std::string::npos) continue;
    types += (types.empty() ? "" : ", ") + type;
  }
  return types;
}

bool GoesWith(const Key& key, Algorithm algorithm) {
  return key.key.type() == KeyTypeOf(algorithm) && key.algorithm.value_or(algorithm) == algorithm;
}

}  // namespace

Result<KeySet> KeySet::FromJwks(std::string_view text) {
  if (text.size() > kMaxKeySetSize) {
    return InvalidArgument("the JWKS has " + std::to_string(text.size()) + " bytes: up to " +
                           std::to_string(kMaxKeySetSize) + " are read");
  }
  const auto document = ParseStrictObject(text, "the JWKS");
  if (!document) return document.error();
  const auto list = document->find("keys");
  if (list == document->end() || !list->is_array()) {
    return InvalidArgument("the JWKS has no list of keys (keys)");
  }
  if (list->size() > kMaxKeys) return TooManyKeys(list->size());
  KeySet set;
  for (size_t i = 0; i < list->size(); ++i) {
    auto key = ParseJwk((*list)[i]);
    if (key) {
      set.keys_.push_back(*std::move(key));
    } else {
      set.passed_over_.push_back(NameOf((*list)[i], i) + ": " + key.error().message);
    }
  }
  return set;
}

Result<KeySet> KeySet::FromPems(const std::vector<std::string>& pems) {
  if (pems.size() > kMaxKeys) return TooManyKeys(pems.size());
  KeySet set;
  set.has_ids_ = false;
  for (const std::string& pem : pems) {
    auto key = PublicKey::FromPem(pem);
    if (!key) return key.error();
    set.keys_.push_back({*std::move(key), std::nullopt, std::nullopt});
  }
  return set;
}

bool KeySet::Knows(const std::string& key_id) const {
  return !has_ids_ || std::any_of(keys_.begin(), keys_.end(),
                                  [&key_id](const Key& key) { return key.id == key_id; });
}

Result<std::vector<const Key*>> KeySet::Candidates(Algorithm algorithm,
                                                   const std::optional<std::string>& key_id) const {
  if (key_id && !Knows(*key_id)) {
    return NotFound("no key has the token's key ID " + Shown(*key_id));
  }
  std::vector<const Key*> meant;
  for (const Key& key : keys_) {
    if (!key_id || !has_ids_ || key.id == key_id) meant.push_back(&key);
  }
  std::vector<const Key*> fitting;
  std::copy_if(meant.begin(), meant.end(), std::back_inserter(fitting),
               [algorithm](const Key* key) { return GoesWith(*key, algorithm); });
  if (!fitting.empty()) return fitting;
  if (meant.empty()) return Refused("there is no key to verify the token with");
  return Refused("no key goes with the token's algorithm " + std::string(ToString(algorithm)) +
                 ": what there is, is " + TypesOf(meant));
}

}  // namespace rollcall::jwt
