// Auth methods and binding rules for tests: with all that they can say.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "registry/acl/methods/methods.h"
#include "tests/registry/jwt/issuer.h"

namespace rollcall::acl {

inline constexpr const char* kRuleId = "eeeeeeee-0000-4000-8000-000000000001";

// With a key of the tests' issuers.
inline nlohmann::json FullConfig() {
  return {{"JWTValidationPubKeys", {jwt::Issuer::For(jwt::Algorithm::kEs256).PublicPem()}},
          {"JWTSupportedAlgs", {"ES256", "EdDSA"}},
          {"BoundIssuer", "https://issuer.example"},
          {"BoundAudiences", {"rollcall"}},
          {"ExpirationLeeway", "60s"},
          {"NotBeforeLeeway", "-1ns"},
          {"ClockSkewLeeway", 2000000000},
          {"ClaimMappings", {{"sub", "name"}, {"/k8s/namespace", "namespace"}}},
          {"ListClaimMappings", {{"groups", "groups"}}}};
}

inline AuthMethod FullMethod() {
  return {"ci",
          "jwt",
          "CI",
          "the build machines",
          std::chrono::minutes(90),
          "global",
          FullConfig().dump()};
}

inline BindingRule FullRule() {
  return {kRuleId,
          "of \"web\"",
          "ci",
          "value.name == web and ops in list.groups",
          BindType::kService,
          "${value.name}-api"};
}

}  // namespace rollcall::acl
