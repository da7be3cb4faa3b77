// The part of SnapshotBuilder that keeps nodes' coordinates. They move often and count for nothing
// but their own results: no index of a node or a service moves with them.
#include <algorithm>
#include <utility>

#include "registry/catalog/snapshot_builder.h"

namespace rollcall::catalog {

void SnapshotBuilder::Do(const model::PutCoordinate& put) {
  CloseNode();
  if (next_.nodes_.Find(put.coordinate->node) == nullptr) return;
  auto record = Stamped(put.coordinate);
  const Index at = record->modify_index;
  const boost::intrusive_ptr<CoordinateSet> set(new CoordinateSet);
  if (const CoordinateSet* before = next_.coordinates_.Find(record->node)) {
    *set = *before;
  } else {
    next_.gone_coordinates_.Erase(edit_, record->node);
  }
  set->node = record->node;
  set->index = std::max(set->index, at);
  NoteCoordinates(record->node, at);
  const auto place = std::lower_bound(
      set->coordinates.begin(), set->coordinates.end(), record,
      [](const auto& a, const auto& b) { return CompareIgnoreCase(a->segment, b->segment) < 0; });
  if (place != set->coordinates.end() && EqualsIgnoreCase((*place)->segment, record->segment)) {
    *place = std::move(record);
  } else {
    set->coordinates.insert(place, std::move(record));
  }
  next_.coordinates_.Ensure(edit_, set);
}

void SnapshotBuilder::Do(const model::RemoveCoordinate& remove) {
  const CoordinateSet* before = next_.coordinates_.Find(remove.node);
  if (before == nullptr || before->Find(remove.segment) == nullptr) return;
  if (before->coordinates.size() == 1) return DropCoordinates(remove.node);
  const boost::intrusive_ptr<CoordinateSet> set(new CoordinateSet(*before));
  std::erase_if(set->coordinates, [&remove](const auto& coordinate) {
    return EqualsIgnoreCase(coordinate->segment, remove.segment);
  });
  set->index = index_;
  NoteCoordinates(set->node, index_);
  next_.coordinates_.Ensure(edit_, set);
}

void SnapshotBuilder::DropCoordinates(const Text& node) {
  if (!next_.coordinates_.Erase(edit_, node)) return;
  Bury(&next_.gone_coordinates_, node);
  NoteCoordinates(node, index_);
}

void SnapshotBuilder::NoteCoordinates(std::string_view node, Index at) {
  next_.coordinates_index_ = std::max(next_.coordinates_index_, at);
  Changed(WatchKey::Coordinates(node));
  Changed(WatchKey::AllCoordinates());
}

}  // namespace rollcall::catalog
