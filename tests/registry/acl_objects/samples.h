// Objects for tests: with all that they can say.
#pragma once

#include <chrono>
#include <string>

#include "registry/acl/objects/objects.h"
#include "registry/acl/objects/secrets.h"

namespace rollcall::acl {

inline constexpr const char* kSecret = "b1c2d3e4-0000-4000-8000-000000000001";
inline constexpr const char* kPolicyId = "aaaaaaaa-0000-4000-8000-000000000001";
inline constexpr const char* kOtherPolicyId = "aaaaaaaa-0000-4000-8000-000000000002";
inline constexpr const char* kRoleId = "cccccccc-0000-4000-8000-000000000001";

inline UtcTime At(const char* text) { return ParseRfc3339(text).value(); }

// When these tests take place.
inline const UtcTime kNow = At("2026-11-26T20:15:34Z");

inline Token FullToken() {
  Token token;
  token.accessor_id = "dddddddd-0000-4000-8000-000000000001";
  token.secret_hash = HashSecret(kSecret);
  token.description = "of \"web\"\n\xc3\xa9";
  token.policy_ids = {kPolicyId, kOtherPolicyId};
  token.role_ids = {kRoleId};
  token.service_identities = {{"api", {"dc1", "dc2"}}, {"web", {}}};
  token.node_identities = {{"n1", "dc1"}};
  token.local = true;
  token.auth_method = "minikube";
  token.create_time = At("2026-11-26T20:15:34.000000123Z");
  token.expiration_time = At("2026-11-26T21:15:34.000000123Z");
  return token;
}

inline Policy FullPolicy() {
  return {kPolicyId, "web-read", "reads web", "service \"web\" { policy = \"read\" }", {"dc1"}};
}

inline Role FullRole() {
  return {kRoleId, "webs", "all of them", {kPolicyId}, {{"web", {"dc1"}}}, {{"n1", "dc1"}}};
}

}  // namespace rollcall::acl
