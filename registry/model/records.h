// The kinds of record of the catalog: nodes, service instances, checks, network coordinates, and
// the objects of access control.
// Plain values, named and shaped as in Consul's HTTP API. Inside the catalog they are immutable and
// shared (base/counted.h), so any thread may read them. There are millions of them: a
// member takes no more room than a pointer, and what many records say they can share
// (value_pool.h).
//
// Identity, always without regard to ASCII case: a node is its name; an instance is its node and
// its ID; a check is its node and its check ID; a coordinate is its node and its network segment;
// an object of access control is its kind and its ID.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "registry/base/index.h"
#include "registry/base/shared_array.h"
#include "registry/base/shared_value.h"
#include "registry/base/text.h"

namespace rollcall::model {

// Small maps: sorted by key, each key once.
template <typename Value>
using FlatMap = SharedArray<std::pair<Text, Value>>;
using StringMap = FlatMap<Text>;

// The map of `entries`, which may be in any order and name each key once.
template <typename Value>
FlatMap<Value> MapOf(std::vector<std::pair<Text, Value>> entries) {
  std::sort(entries.begin(), entries.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  return entries;
}

// The value of `key`, or null. Linear: these maps hold a handful of entries.
template <typename Value>
const Value* FindInMap(const FlatMap<Value>& map, std::string_view key) {
  for (const auto& [name, value] : map) {
    if (name == key) return &value;
  }
  return nullptr;
}

struct Node {
  Text id;  // a UUID in lower case, or empty
  Text name;
  Text address;  // an IP address or a host name
  StringMap tagged_addresses;
  StringMap meta;
  Index create_index;
  Index modify_index;
};

struct ServiceAddress {
  Text address;
  int port = 0;
  friend bool operator==(const ServiceAddress&, const ServiceAddress&) = default;
};

// The share of traffic that an instance should get in each state (SRV weights).
struct Weights {
  int passing = 1;
  int warning = 1;
  friend bool operator==(const Weights&, const Weights&) = default;
};

// One running copy of a service: what Consul calls NodeService.
struct Instance {
  Text node;
  Text id;
  Text service;  // the service's name
  Text kind;     // empty for a typical service
  TextList tags;
  Text address;  // empty: the node's
  Text socket_path;
  FlatMap<ServiceAddress> tagged_addresses;
  StringMap meta;
  int port = 0;
  Weights weights;
  bool enable_tag_override = false;
  Index create_index;
  Index modify_index;
};

enum class CheckStatus : uint8_t { kPassing, kWarning, kCritical };

// Nothing that is registered is critical for less than this before it may be deregistered. Consul's
// floor is a minute; ours is what its users ask for.
inline constexpr std::chrono::nanoseconds kMinDeregisterAfter = std::chrono::seconds(1);

// How a check finds out, and for how long it may fail: Consul's HealthCheckDefinition.
// Zero durations and empty strings mean "not set".
struct CheckDefinition {
  Text http;
  FlatMap<TextList> header;
  Text method;
  Text body;
  bool tls_skip_verify = false;
  Text tcp;
  std::chrono::nanoseconds interval{0};
  std::chrono::nanoseconds timeout{0};
  std::chrono::nanoseconds ttl{0};
  std::chrono::nanoseconds deregister_critical_service_after{0};
  friend bool operator==(const CheckDefinition&, const CheckDefinition&) = default;
};

struct Check {
  Text node;
  Text check_id;
  Text name;
  Text notes;
  Text output;
  Text service_id;        // empty: a check of the whole node
  Text service_name;      // the instance's, filled in by the catalog
  TextList service_tags;  // likewise
  Text type;              // "ttl", "http", "tcp", "maintenance" or empty
  // What the API shows under `Definition`; null shows {}.
  SharedValue<CheckDefinition> definition;
  // What the registry itself does for this check: expire it (ttl), deregister what has been
  // critical for too long, and on the server's own node probe it (http, tcp). Null: nothing.
  SharedValue<CheckDefinition> upkeep;
  CheckStatus status = CheckStatus::kCritical;
  Index create_index;
  Index modify_index;
};

// Where a node is in the network, as Serf's Vivaldi algorithm reckons it: the distance of two
// coordinates estimates the round trip time between their nodes (catalog/distance.h). In seconds,
// but for `error`, which is a ratio.
struct Coordinate {
  static constexpr size_t kDimensions = 8;

  Text node;
  Text segment;  // empty: the one that all nodes share
  std::array<double, kDimensions> vec{};
  double error = 0;
  double adjustment = 0;
  double height = 0;
  Index create_index;
  Index modify_index;
};

enum class AclKind : uint8_t { kToken, kPolicy, kRole, kAuthMethod, kBindingRule, kBootstrap };
inline constexpr std::array kAclKinds = {AclKind::kToken,       AclKind::kPolicy,
                                         AclKind::kRole,        AclKind::kAuthMethod,
                                         AclKind::kBindingRule, AclKind::kBootstrap};

// An object of access control: a token, a policy, ... What it says is the business of registry/acl;
// the catalog keeps it, and says when it has changed. Of no node.
struct AclObject {
  AclKind kind = AclKind::kToken;
  Text id;
  Text content;
  Index create_index;
  Index modify_index;
};

// "token", "policy", "role", "auth-method", "binding-rule", "bootstrap".
std::string_view ToString(AclKind kind);
// False when `text` names no kind; `*kind` is then as it was.
bool ParseAclKind(std::string_view text, AclKind* kind);

// "passing", "warning", "critical".
std::string_view ToString(CheckStatus status);
// False when `text` names no status; `*status` is then as it was.
bool ParseCheckStatus(std::string_view text, CheckStatus* status);

// Whether `text` has the form of a node's ID, in upper or lower case.
bool IsUuid(std::string_view text);

// Whether two records say the same, their indexes aside: re-registering it would change nothing.
bool SameContent(const Node& a, const Node& b);
bool SameContent(const Instance& a, const Instance& b);
bool SameContent(const Check& a, const Check& b);
bool SameContent(const Coordinate& a, const Coordinate& b);
bool SameContent(const AclObject& a, const AclObject& b);

// The address at which an instance is reached: its own, else its node's.
inline const Text& AddressOf(const Instance& instance, const Node& node) {
  return instance.address.empty() ? node.address : instance.address;
}

}  // namespace rollcall::model
