#include "registry/catalog/snapshot.h"

namespace rollcall::catalog {

const model::Coordinate* CoordinateSet::Find(std::string_view segment) const {
  for (const auto& coordinate : coordinates) {
    if (EqualsIgnoreCase(coordinate->segment, segment)) return coordinate.get();
  }
  return nullptr;
}

const InstanceEntry* Snapshot::FindInstance(std::string_view node, std::string_view id) const {
  const NodeEntry* entry = FindNode(node);
  return entry == nullptr ? nullptr : entry->instances.Find(id);
}

const CheckEntry* Snapshot::FindCheck(std::string_view node, std::string_view check_id) const {
  const NodeEntry* entry = FindNode(node);
  return entry == nullptr ? nullptr : entry->checks.Find(check_id);
}

const NodeEntry* Snapshot::FindNodeById(std::string_view id) const {
  const NodeById* entry = node_ids_.Find(id);
  return entry == nullptr ? nullptr : FindNode(entry->name);
}

Index Snapshot::IndexOfAbsent(const Tombstones& stones, std::string_view name) const {
  const Tombstone* stone = stones.Find(name);
  return stone == nullptr ? absent_floor_ : stone->index;
}

Index Snapshot::IndexOfAbsentService(std::string_view name) const {
  return IndexOfAbsent(gone_services_, name);
}

Index Snapshot::IndexOfAbsentNode(std::string_view name) const {
  return IndexOfAbsent(gone_nodes_, name);
}

Index Snapshot::IndexOfAbsentCoordinates(std::string_view node) const {
  return IndexOfAbsent(gone_coordinates_, node);
}

}  // namespace rollcall::catalog
