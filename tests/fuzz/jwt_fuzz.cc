// Fuzz target: what strangers send or publish for a login: tokens, key sets, keys in PEM, claims,
// URLs. The first byte says which, the rest is the text. What must hold: nothing is taken that was
// not signed; what is refused is refused with a reason of one line and of bounded size; what is
// taken is within its limits.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "registry/jwt/base64url.h"
#include "registry/jwt/claims.h"
#include "registry/jwt/compact_jws.h"
#include "registry/jwt/http_url.h"
#include "registry/jwt/key_set.h"
#include "registry/jwt/strict_json.h"
#include "registry/jwt/variables.h"
#include "registry/jwt/verify.h"

namespace {

using namespace rollcall::jwt;  // NOLINT(google-build-using-namespace)
using rollcall::Error;
using rollcall::ErrorCode;
using rollcall::Result;
using rollcall::UtcTime;

void Require(bool holds) {
  if (!holds) std::abort();
}

void RequireReason(const Error& error, ErrorCode code) {
  Require(error.code == code && !error.message.empty() && error.message.size() < 1000 &&
          error.message.find('\n') == std::string::npos);
}

// One key of each kind, whose owners have signed nothing but the examples of the RFCs.
const KeySet& KnownKeys() {
  static const KeySet kKeys =
      KeySet::FromJwks(
          R"({"keys":[{"kty":"EC","crv":"P-256","kid":"ec",)"
          R"("x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
          R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"},)"
          R"({"kty":"OKP","crv":"Ed25519","kid":"ed",)"
          R"("x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},)"
          R"({"kty":"RSA","kid":"rsa","e":"AQAB","n":)"
          R"("ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEz)"
          R"(P1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63k)"
          R"(paSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9k)"
          R"(G4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}]})")
          .value();
  return kKeys;
}

void TryToken(std::string_view text) {
  const auto token = ParseCompactJws(text);
  if (!token) return RequireReason(token.error(), ErrorCode::kPermissionDenied);
  Require(text.size() <= kMaxTokenSize);
  // One text for one token.
  Require(token->signed_text + '.' + EncodeBase64Url(token->signature) == text);
  const auto claims = VerifiedClaims(*token, KnownKeys(), {});
  if (claims) {
    Require(claims->is_object() && claims->value("iss", "") == "joe");
  } else {
    RequireReason(claims.error(), claims.error().code == ErrorCode::kNotFound
                                      ? ErrorCode::kNotFound
                                      : ErrorCode::kPermissionDenied);
  }
}

void TryKeySet(std::string_view text) {
  const auto keys = KeySet::FromJwks(text);
  if (!keys) return RequireReason(keys.error(), ErrorCode::kInvalidArgument);
  Require(keys->keys().size() + keys->passed_over().size() <= kMaxKeys);
  for (const std::string& reason : keys->passed_over()) {
    Require(reason.size() < 1000 && reason.find('\n') == std::string::npos);
  }
  for (const Key& key : keys->keys()) {
    for (const Algorithm algorithm : kAlgorithms) {
      Require(!key.key.Verifies(algorithm, "text", std::string(64, 'x')));
      const auto candidates = keys->Candidates(algorithm, key.id);
      Require(!candidates || candidates->front()->key.type() == KeyTypeOf(algorithm));
    }
  }
}

void TryPem(std::string_view text) {
  const auto key = PublicKey::FromPem(text);
  if (!key) return RequireReason(key.error(), ErrorCode::kInvalidArgument);
  Require(!key->Verifies(Algorithm::kRs256, "text", std::string(256, 'x')));
}

void TryClaims(std::string_view text) {
  const auto claims = ParseStrictObject(text, "the claims");
  if (!claims) return RequireReason(claims.error(), ErrorCode::kInvalidArgument);
  MethodConfig config;
  config.bound_audiences = {"a"};
  config.claim_mappings = {{"sub", "name"}, {"/a/b/0", "deep"}};
  config.list_claim_mappings = {{"groups", "groups"}, {"/a", "a"}};
  const UtcTime now{std::chrono::hours(500'000)};
  if (const auto life = CheckClaims(*claims, config, now)) {
    Require(life->expires <= life->accepted && now <= life->accepted);
  } else {
    RequireReason(life.error(), ErrorCode::kPermissionDenied);
  }
  if (const auto variables = MapClaims(*claims, config)) {
    Require(variables->values.size() == 2 && variables->lists.size() == 2);
  } else {
    RequireReason(variables.error(), ErrorCode::kPermissionDenied);
  }
}

void TryUrl(std::string_view text) {
  const auto url = ParseHttpUrl(text);
  if (!url) return RequireReason(url.error(), ErrorCode::kInvalidArgument);
  Require(!url->host.empty() && url->port != 0 && url->target.starts_with('/'));
  Require((url->host_header + url->target).find_first_of("\r\n ") == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string text(data + 1, data + size);
  switch (data[0] % 5) {
    case 0:
      TryToken(text);
      break;
    case 1:
      TryKeySet(text);
      break;
    case 2:
      TryPem(text);
      break;
    case 3:
      TryClaims(text);
      break;
    default:
      TryUrl(text);
      break;
  }
  return 0;
}
