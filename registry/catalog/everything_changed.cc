#include "registry/catalog/everything_changed.h"

#include <algorithm>

namespace rollcall::catalog {

std::vector<WatchKey> EverythingChanged(const Snapshot& before, const Snapshot& now) {
  std::vector<WatchKey> keys = {WatchKey::AllNodes(),       WatchKey::AllServices(),
                                WatchKey::AllInstances(),   WatchKey::AllChecks(),
                                WatchKey::AllCoordinates(), WatchKey::Acl()};
  for (const Snapshot* snapshot : {&before, &now}) {
    for (const NodeEntry& node : snapshot->nodes()) {
      keys.push_back(WatchKey::Node(node.node->name));
      keys.push_back(WatchKey::Coordinates(node.node->name));
    }
    for (const ServiceEntry& service : snapshot->services()) {
      keys.push_back(WatchKey::Service(service.name));
    }
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

}  // namespace rollcall::catalog
