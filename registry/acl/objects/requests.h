// What clients ask to be made of tokens, policies and roles: the bodies of PUT /v1/acl/token,
// policy and role, and of their updates. Without state: any thread.
//
// As in Consul the case of members' names does not matter, null is as good as nothing, and unknown
// members are refused, those of Enterprise ("Namespace") among them. What an answer shows beside
// that (CreateTime, Hash, CreateIndex, ModifyIndex, a hidden secret) is taken and dropped, so that
// an answer can be sent back with a change, as `consul acl token update` does. All errors are
// kInvalidArgument. Source: Consul 1.8, agent/acl_endpoint.go and agent/consul/acl_endpoint.go.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "registry/acl/objects/objects.h"
#include "registry/base/result.h"

namespace rollcall::acl {

inline constexpr size_t kMaxPolicyName = 128;
inline constexpr size_t kMaxRoleName = 256;

// How long a token may be good that is not good for ever: Consul's bounds.
inline constexpr std::chrono::nanoseconds kMinTokenLife = std::chrono::minutes(1);
inline constexpr std::chrono::nanoseconds kMaxTokenLife = std::chrono::hours(24);

// By ID (in lower case), or by name where that is empty.
struct LinkRequest {
  std::string id;
  std::string name;
  friend bool operator==(const LinkRequest&, const LinkRequest&) = default;
};

// Empty, zero and none: not said.
struct TokenRequest {
  std::string accessor_id;  // a UUID in lower case
  std::string secret_id;    // a UUID as it was written, or "anonymous"
  std::string description;
  std::vector<LinkRequest> policies;
  std::vector<LinkRequest> roles;
  std::vector<ServiceIdentity> service_identities;
  std::vector<NodeIdentity> node_identities;
  bool local = false;
  std::string auth_method;
  std::optional<UtcTime> expiration_time;
  std::chrono::nanoseconds expiration_ttl{0};
};

struct RoleRequest {
  std::string id;
  std::string name;
  std::string description;
  std::vector<LinkRequest> policies;
  std::vector<ServiceIdentity> service_identities;
  std::vector<NodeIdentity> node_identities;
};

// "Token decoding failed: " and the reason for what is no such body. A member that comes twice, in
// whatever case, is refused, where Consul takes the last one. Identities are checked, have
// each name once, and are sorted by name; of two with one name the datacenters count together.
Result<TokenRequest> ParseTokenRequest(std::string_view body);

// The policy, its ID empty unless the body has one. Its rules are such that ParseRules takes them;
// otherwise the error has their line and column.
Result<Policy> ParsePolicyRequest(std::string_view body);

Result<RoleRequest> ParseRoleRequest(std::string_view body);

}  // namespace rollcall::acl
