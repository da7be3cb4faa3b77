#include "registry/catalog/snapshot.h"

namespace rollcall::catalog {

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

Index Snapshot::IndexOfAbsentService(std::string_view name) const {
  const Tombstone* stone = gone_services_.Find(name);
  return stone == nullptr ? absent_floor_ : stone->index;
}

Index Snapshot::IndexOfAbsentNode(std::string_view name) const {
  const Tombstone* stone = gone_nodes_.Find(name);
  return stone == nullptr ? absent_floor_ : stone->index;
}

}  // namespace rollcall::catalog
