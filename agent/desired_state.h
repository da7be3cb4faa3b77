// DesiredState: what the registry should hold for this host: the node, its instances, its checks.
// Immutable once made, so that the loop that makes it and the thread that syncs it share it.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "registry/base/ascii.h"
#include "registry/model/records.h"

namespace rollcall::agent {

// The check that a node's heartbeat keeps passing. The ID is the one that Consul's clients look
// for.
inline constexpr const char* kNodeCheckId = "serfHealth";

// IDs are compared as the registry compares them.
struct IgnoreCaseLess {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const {
    return CompareIgnoreCase(a, b) < 0;
  }
};
template <typename Value>
using IdMap = std::map<std::string, Value, IgnoreCaseLess>;

using IdSet = std::set<std::string, IgnoreCaseLess>;

using InstanceRecords = IdMap<std::shared_ptr<const model::Instance>>;
using CheckRecords = IdMap<std::shared_ptr<const model::Check>>;

struct DesiredState {
  model::Node node;
  InstanceRecords instances;
  CheckRecords checks;  // the node's own check among them
};

// What this node's agent has put into the registry, or may have: what it may remove again.
struct OwnIds {
  IdSet instances;
  IdSet checks;
  friend bool operator==(const OwnIds&, const OwnIds&) = default;
};

OwnIds IdsOf(const DesiredState& desired);

}  // namespace rollcall::agent
