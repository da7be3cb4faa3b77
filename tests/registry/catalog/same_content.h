// Whether two snapshots say the same, indexes and all: compared as text, so that a failure shows
// what differs.
#pragma once

#include <sstream>
#include <string>

#include "registry/catalog/snapshot.h"
#include "registry/store/record_codec.h"

namespace rollcall::catalog {

inline std::string ContentOf(const Snapshot& snapshot) {
  std::ostringstream out;
  const auto line = [&out](const char* kind, const std::string& key, const std::string& value) {
    out << kind << ' ' << store::PrintableKey(key) << ' ' << store::PrintableKey(value) << '\n';
  };
  for (const NodeEntry& node : snapshot.nodes()) {
    line("node", store::KeyOf(*node.node), store::EncodeNode(*node.node));
    for (const InstanceEntry& entry : node.instances) {
      line("instance", store::KeyOf(*entry.instance), store::EncodeInstance(*entry.instance));
      out << "  status " << static_cast<int>(entry.status) << '\n';
    }
    for (const CheckEntry& entry : node.checks) {
      line("check", store::KeyOf(*entry.check), store::EncodeCheck(*entry.check));
    }
  }
  for (const CoordinateSet& set : snapshot.coordinates()) {
    for (const auto& coordinate : set.coordinates) {
      line("coordinate", store::KeyOf(*coordinate), store::EncodeCoordinate(*coordinate));
    }
  }
  for (const model::AclObject& object : snapshot.acl()) {
    line("acl", store::KeyOf(object), store::EncodeAcl(object));
  }
  return out.str();
}

}  // namespace rollcall::catalog
