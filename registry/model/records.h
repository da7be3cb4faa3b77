// The kinds of record of the catalog: nodes, service instances, checks, network coordinates.
// Plain values, named and shaped as in Consul's HTTP API. Inside the catalog they are immutable and
// shared (std::shared_ptr<const T>), so any thread may read them.
//
// Identity, always without regard to ASCII case: a node is its name; an instance is its node and
// its ID; a check is its node and its check ID; a coordinate is its node and its network segment.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "registry/base/index.h"

namespace rollcall::model {

// Small maps: sorted by key, each key once.
template <typename Value>
using FlatMap = std::vector<std::pair<std::string, Value>>;
using StringMap = FlatMap<std::string>;

// The value of `key`, or null. Linear: these maps hold a handful of entries.
template <typename Value>
const Value* FindInMap(const FlatMap<Value>& map, std::string_view key) {
  for (const auto& [name, value] : map) {
    if (name == key) return &value;
  }
  return nullptr;
}

struct Node {
  std::string id;  // a UUID in lower case, or empty
  std::string name;
  std::string address;  // an IP address or a host name
  StringMap tagged_addresses;
  StringMap meta;
  Index create_index;
  Index modify_index;
};

struct ServiceAddress {
  std::string address;
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
  std::string node;
  std::string id;
  std::string service;  // the service's name
  std::string kind;     // empty for a typical service
  std::vector<std::string> tags;
  std::string address;  // empty: the node's
  int port = 0;
  std::string socket_path;
  FlatMap<ServiceAddress> tagged_addresses;
  StringMap meta;
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
  std::string http;
  FlatMap<std::vector<std::string>> header;
  std::string method;
  std::string body;
  bool tls_skip_verify = false;
  std::string tcp;
  std::chrono::nanoseconds interval{0};
  std::chrono::nanoseconds timeout{0};
  std::chrono::nanoseconds ttl{0};
  std::chrono::nanoseconds deregister_critical_service_after{0};
  friend bool operator==(const CheckDefinition&, const CheckDefinition&) = default;
};

struct Check {
  std::string node;
  std::string check_id;
  std::string name;
  CheckStatus status = CheckStatus::kCritical;
  std::string notes;
  std::string output;
  std::string service_id;                 // empty: a check of the whole node
  std::string service_name;               // the instance's, filled in by the catalog
  std::vector<std::string> service_tags;  // likewise
  std::string type;                       // "ttl", "http", "tcp", "maintenance" or empty
  // What the API shows under `Definition`; null shows {}.
  std::shared_ptr<const CheckDefinition> definition;
  // What the registry itself does for this check: expire it (ttl), deregister what has been
  // critical for too long, and on the server's own node probe it (http, tcp). Null: nothing.
  std::shared_ptr<const CheckDefinition> upkeep;
  Index create_index;
  Index modify_index;
};

// Where a node is in the network, as Serf's Vivaldi algorithm reckons it: the distance of two
// coordinates estimates the round trip time between their nodes (catalog/distance.h). In seconds,
// but for `error`, which is a ratio.
struct Coordinate {
  static constexpr size_t kDimensions = 8;

  std::string node;
  std::string segment;  // empty: the one that all nodes share
  std::array<double, kDimensions> vec{};
  double error = 0;
  double adjustment = 0;
  double height = 0;
  Index create_index;
  Index modify_index;
};

// "passing", "warning", "critical".
std::string_view ToString(CheckStatus status);
// False when `text` names no status; `*status` is then as it was.
bool ParseCheckStatus(std::string_view text, CheckStatus* status);

// Whether two records say the same, their indexes aside: re-registering it would change nothing.
bool SameContent(const Node& a, const Node& b);
bool SameContent(const Instance& a, const Instance& b);
bool SameContent(const Check& a, const Check& b);
bool SameContent(const Coordinate& a, const Coordinate& b);

// The address at which an instance is reached: its own, else its node's.
inline const std::string& AddressOf(const Instance& instance, const Node& node) {
  return instance.address.empty() ? node.address : instance.address;
}

}  // namespace rollcall::model
