#include "registry/jwt/method_config.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <set>

#include "registry/jwt/http_url.h"
#include "registry/jwt/key_set.h"
#include "registry/jwt/shown.h"

namespace rollcall::jwt {
namespace {

Result<void> CheckTargets(const std::map<std::string, std::string>& mappings,
                          const std::string& setting) {
  std::set<std::string> targets;
  for (const auto& [claim, name] : mappings) {
    if (name.empty()) {
      return InvalidArgument(setting + " maps the claim " + Shown(claim) + " to no name");
    }
    if (!targets.insert(name).second) {
      return InvalidArgument(setting + " contains multiple mappings for key " + Shown(name));
    }
  }
  return {};
}

Result<void> CheckKeysGivenHere(const MethodConfig& config) {
  for (size_t i = 0; i < config.validation_pub_keys.size(); ++i) {
    if (const auto key = PublicKey::FromPem(config.validation_pub_keys[i]); !key) {
      return InvalidArgument("error parsing public key JWTValidationPubKeys[" + std::to_string(i) +
                             "]: " + key.error().message);
    }
  }
  if (config.validation_pub_keys.size() > kMaxKeys) {
    return InvalidArgument("JWTValidationPubKeys: there may be " + std::to_string(kMaxKeys));
  }
  if (config.jwks.empty()) return {};
  const auto keys = KeySet::FromJwks(config.jwks);
  if (!keys) return InvalidArgument("error parsing JWKS: " + keys.error().message);
  // What is written down here ought to be of use; what an issuer publishes may have other keys too.
  if (!keys->passed_over().empty()) {
    return InvalidArgument("error parsing JWKS: " + keys->passed_over().front());
  }
  if (keys->keys().empty()) return InvalidArgument("error parsing JWKS: it has no keys");
  return {};
}

// Whether all that is there of PEM certificates, at least one, can be read.
bool AreCertificates(const std::string& pem) {
  if (pem.size() > static_cast<size_t>(std::numeric_limits<int>::max())) return false;
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  int count = 0;
  while (X509* const certificate = PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr)) {
    X509_free(certificate);
    ++count;
  }
  const bool is_at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  return count > 0 && is_at_end;
}

Result<void> CheckUrl(const MethodConfig& config) {
  if (config.jwks_url.empty()) {
    if (config.jwks_ca_cert.empty()) return {};
    return InvalidArgument("'JWKSCACert' should not be set unless 'JWKSURL' is set");
  }
  if (const auto url = ParseHttpUrl(config.jwks_url); !url) {
    return InvalidArgument("error checking JWKSURL: " + url.error().message);
  }
  if (config.jwks_ca_cert.empty() || AreCertificates(config.jwks_ca_cert)) return {};
  return InvalidArgument("error checking JWKSCACert: could not parse CA PEM value successfully");
}

}  // namespace

std::chrono::nanoseconds LeewayOf(std::chrono::nanoseconds configured,
                                  std::chrono::seconds otherwise) {
  if (configured == std::chrono::nanoseconds(0)) return otherwise;
  return std::max(configured, std::chrono::nanoseconds(0));
}

Result<void> CheckMethodConfig(const MethodConfig& config) {
  const int sources = (config.validation_pub_keys.empty() ? 0 : 1) +
                      (config.jwks_url.empty() ? 0 : 1) + (config.jwks_file.empty() ? 0 : 1) +
                      (config.jwks.empty() ? 0 : 1);
  if (sources != 1) {
    return InvalidArgument(
        "exactly one of 'JWTValidationPubKeys', 'JWKSURL', 'JWKSFile', or 'JWKS' must be set for "
        "type \"jwt\"");
  }
  if (Result<void> ok = CheckUrl(config); !ok) return ok;
  if (Result<void> ok = CheckKeysGivenHere(config); !ok) return ok;
  if (Result<void> ok = CheckTargets(config.claim_mappings, "ClaimMappings"); !ok) return ok;
  return CheckTargets(config.list_claim_mappings, "ListClaimMappings");
}

}  // namespace rollcall::jwt
