#include "registry/jwt/compact_jws.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "registry/jwt/base64url.h"
#include "registry/jwt/shown.h"
#include "registry/jwt/strict_json.h"

namespace rollcall::jwt {
namespace {

using Parts = std::array<std::string_view, 3>;

Result<Parts> SplitToken(std::string_view token) {
  if (token.empty()) return Refused("the token is empty");
  if (token.size() > kMaxTokenSize) {
    return Refused("the token has " + std::to_string(token.size()) + " bytes: up to " +
                   std::to_string(kMaxTokenSize) + " are read");
  }
  const auto dots = std::count(token.begin(), token.end(), '.');
  if (dots == 4) return Refused("the token is encrypted (JWE): only signed ones are taken");
  if (dots != 2) {
    return Refused("the token has " + std::to_string(dots + 1) +
                   " parts between dots: a signed one has 3");
  }
  const size_t first = token.find('.');
  const size_t second = token.find('.', first + 1);
  return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
               token.substr(second + 1)};
}

Result<std::string> DecodePart(std::string_view text, std::string_view what) {
  std::optional<std::string> bytes = DecodeBase64Url(text);
  if (!bytes) return Refused("the token's " + std::string(what) + " is not base64url");
  return *std::move(bytes);
}

Result<void> ReadHeader(std::string_view text, CompactJws* jws) {
  const auto bytes = DecodePart(text, "header");
  if (!bytes) return bytes.error();
  const auto header = ParseStrictObject(*bytes, "the token's header");
  if (!header) return Refused(header.error().message);
  const auto name = header->find("alg");
  if (name == header->end() || !name->is_string()) {
    return Refused("the token's header names no algorithm (alg)");
  }
  const auto algorithm = ParseAlgorithm(name->get_ref<const std::string&>());
  if (!algorithm) return algorithm.error();
  if (header->contains("crit")) {
    return Refused("the token's header demands extensions (crit), and none is known here");
  }
  jws->algorithm = *algorithm;
  if (const auto id = header->find("kid"); id != header->end()) {
    if (!id->is_string()) return Refused("the token's key ID (kid) is not a string");
    jws->key_id = id->get<std::string>();
  }
  return {};
}

}  // namespace

Result<CompactJws> ParseCompactJws(std::string_view token) {
  const auto parts = SplitToken(token);
  if (!parts) return parts.error();
  const auto& [header, payload, signature] = *parts;
  CompactJws jws;
  if (const Result<void> ok = ReadHeader(header, &jws); !ok) return ok.error();
  auto payload_bytes = DecodePart(payload, "payload");
  if (!payload_bytes) return payload_bytes.error();
  auto signature_bytes = DecodePart(signature, "signature");
  if (!signature_bytes) return signature_bytes.error();
  if (signature_bytes->empty()) return Refused("the token has no signature");
  jws.signed_text = token.substr(0, header.size() + 1 + payload.size());
  jws.payload = *std::move(payload_bytes);
  jws.signature = *std::move(signature_bytes);
  return jws;
}

}  // namespace rollcall::jwt
