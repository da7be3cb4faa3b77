// What tokens, policies and roles say. Plain values: any thread may use its own. How the catalog
// keeps them is in stored.h, how the API shows them in answers.h, what they grant in grants.h.
//
// IDs are UUIDs in lower case. Objects refer to each other by ID and never by name, so that
// whatever is renamed stays linked.
// Source: Consul 1.8, agent/structs/acl.go and its HTTP API documentation of /v1/acl.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "registry/base/rfc3339.h"

namespace rollcall::acl {

// Consul's own: the token of those who present none, and the policy for everything.
inline constexpr std::string_view kAnonymousTokenId = "00000000-0000-0000-0000-000000000002";
inline constexpr std::string_view kAnonymousSecret = "anonymous";
inline constexpr std::string_view kGlobalManagementId = "00000000-0000-0000-0000-000000000001";
// What an answer says instead of a secret that it does not show.
inline constexpr std::string_view kHiddenSecret = "<hidden>";
// What IDs must not begin with that somebody else has chosen.
inline constexpr std::string_view kReservedIdPrefix = "00000000-0000-0000-0000-0000000000";

// Stands for the rules that a service needs (identities.h).
struct ServiceIdentity {
  std::string service_name;
  std::vector<std::string> datacenters;  // where it counts; none: everywhere
  friend bool operator==(const ServiceIdentity&, const ServiceIdentity&) = default;
};

// Stands for the rules that the agent on a node needs.
struct NodeIdentity {
  std::string node_name;
  std::string datacenter;  // where it counts
  friend bool operator==(const NodeIdentity&, const NodeIdentity&) = default;
};

struct Token {
  std::string accessor_id;
  std::string secret_hash;  // HashSecret (secrets.h); the secret itself is kept nowhere
  std::string description;
  std::vector<std::string> policy_ids;
  std::vector<std::string> role_ids;
  std::vector<ServiceIdentity> service_identities;
  std::vector<NodeIdentity> node_identities;
  bool local = false;
  std::string auth_method;  // who logged in with it; empty: nobody
  UtcTime create_time;
  std::optional<UtcTime> expiration_time;  // none: never
  friend bool operator==(const Token&, const Token&) = default;

  // As in Consul it is still good at the very time at which it expires.
  bool IsExpired(UtcTime now) const { return expiration_time && *expiration_time < now; }
};

struct Policy {
  std::string id;
  std::string name;
  std::string description;
  std::string rules;                     // what ParseRules takes, as its author has written it
  std::vector<std::string> datacenters;  // where it counts; none: everywhere
  friend bool operator==(const Policy&, const Policy&) = default;
};

struct Role {
  std::string id;
  std::string name;
  std::string description;
  std::vector<std::string> policy_ids;
  std::vector<ServiceIdentity> service_identities;
  std::vector<NodeIdentity> node_identities;
  friend bool operator==(const Role&, const Role&) = default;
};

// As they are before anybody has changed them: without any policy, and with GlobalManagementRules.
Token AnonymousToken(UtcTime create_time);
Policy GlobalManagementPolicy();

}  // namespace rollcall::acl
