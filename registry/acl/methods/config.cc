#include "registry/acl/methods/config.h"

#include <map>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "registry/model/json_fields.h"

namespace rollcall::acl {
namespace {

using model::FieldReader;

void ReadTextOrTexts(std::string_view name, FieldReader* reader, std::vector<std::string>* out) {
  reader->ReadNested(name,
                     [out](const nlohmann::json& value, const std::string& path) -> Result<void> {
                       if (value.is_string()) {
                         *out = {value.get<std::string>()};
                         return {};
                       }
                       if (!value.is_array())
                         return InvalidArgument(path + ": expected an array of strings");
                       for (const nlohmann::json& element : value) {
                         if (!element.is_string())
                           return InvalidArgument(path + ": expected an array of strings");
                         out->push_back(element.get<std::string>());
                       }
                       return {};
                     });
}

void ReadMappings(std::string_view name, FieldReader* reader,
                  std::map<std::string, std::string>* out) {
  reader->ReadNested(name,
                     [out](const nlohmann::json& value, const std::string& path) -> Result<void> {
                       if (!value.is_object())
                         return InvalidArgument(path + ": expected an object");
                       for (const auto& [claim, target] : value.items()) {
                         if (!target.is_string())
                           return InvalidArgument(path + "." + claim + ": expected a string");
                         (*out)[claim] = target.get<std::string>();
                       }
                       return {};
                     });
}

Result<void> RefuseOidc(const nlohmann::json& value, const std::string& path) {
  if (value == "") return {};
  return InvalidArgument("'" + path +
                         "' is not supported: give the URL that the discovery document names as "
                         "jwks_uri, as JWKSURL");
}

Result<std::vector<jwt::Algorithm>> AlgorithmsOf(const std::vector<std::string>& names) {
  std::vector<jwt::Algorithm> algorithms;
  for (const std::string& name : names) {
    const auto algorithm = jwt::ParseAlgorithm(name);
    if (!algorithm) {
      return InvalidArgument("Invalid supported algorithm: " + name + ": " +
                             algorithm.error().message);
    }
    algorithms.push_back(*algorithm);
  }
  return algorithms;
}

}  // namespace

Result<jwt::MethodConfig> ParseJwtConfig(const std::string& text) {
  const auto document = model::ParseJson(text, model::Repeats::kRefused);
  if (!document) return document.error();
  jwt::MethodConfig config;
  std::vector<std::string> algorithms;
  FieldReader reader(*document, "");
  reader.RefuseRepeats();
  ReadTextOrTexts("JWTValidationPubKeys", &reader, &config.validation_pub_keys);
  ReadTextOrTexts("JWTSupportedAlgs", &reader, &algorithms);
  ReadTextOrTexts("BoundAudiences", &reader, &config.bound_audiences);
  ReadMappings("ClaimMappings", &reader, &config.claim_mappings);
  ReadMappings("ListClaimMappings", &reader, &config.list_claim_mappings);
  reader.Read("JWKSURL", &config.jwks_url)
      .Read("JWKSCACert", &config.jwks_ca_cert)
      .Read("JWKSFile", &config.jwks_file)
      .ReadNested("JWKS",
                  [&config](const nlohmann::json& value, const std::string& /*path*/) {
                    config.jwks = value.is_string() ? value.get<std::string>() : value.dump();
                    return Result<void>();
                  })
      .Read("BoundIssuer", &config.bound_issuer)
      .Read("ExpirationLeeway", &config.expiration_leeway)
      .Read("NotBeforeLeeway", &config.not_before_leeway)
      .Read("ClockSkewLeeway", &config.clock_skew_leeway)
      .ReadNested("OIDCDiscoveryURL", RefuseOidc)
      .ReadNested("OIDCDiscoveryCACert", RefuseOidc);
  if (const Result<void> ok = reader.Finish(); !ok) {
    return InvalidArgument("error decoding config: " + ok.error().message);
  }
  auto supported = AlgorithmsOf(algorithms);
  if (!supported) return supported.error();
  config.supported_algs = *std::move(supported);
  if (const Result<void> ok = jwt::CheckMethodConfig(config); !ok) return ok.error();
  return config;
}

}  // namespace rollcall::acl
