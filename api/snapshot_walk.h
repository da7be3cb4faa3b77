// SnapshotWalk: goes through a catalog snapshot a block at a time, so that whoever sends it can do
// other things in between, and keeps no more of it than one block.
//
// What a server says of itself is left out, wherever it runs: the instance "consul" of the service
// "consul" and, on the node that holds it, the check serfHealth. A node without anything else is
// left out too. The registry that takes the snapshot has servers of its own.
//
// Belongs to one thread at a time.
#pragma once

#include <cstddef>
#include <memory>

#include "registry/catalog/snapshot.h"
#include "registry/store/snapshot_block.h"

namespace rollcall::api {

// Whether a server of the registry runs there.
bool IsServersNode(const catalog::NodeEntry& node);
// Whether such a node holds nothing but what its server says of itself.
bool HoldsOnlyServer(const catalog::NodeEntry& node, const catalog::Snapshot& snapshot);

class SnapshotWalk {
 public:
  // A block that has so many bytes takes no further record.
  static constexpr size_t kBlockBytes = 64 * 1024;

  explicit SnapshotWalk(std::shared_ptr<const catalog::Snapshot> snapshot,
                        size_t block_bytes = kBlockBytes);

  // Fills `*block` with what comes next; false when nothing does.
  bool Next(store::SnapshotBlock* block);

  // How many records there are, but for coordinates: 0.
  store::RecordCounts Expected() const;

 private:
  using Instances = decltype(catalog::NodeEntry::instances);

  // Adds the next record, if there is one at this place, and moves on.
  void Step(store::SnapshotBlock* block);
  void BeginNode(store::SnapshotBlock* block);
  void StepInstance(store::SnapshotBlock* block);
  bool AtEnd() const { return node_ == snapshot_->nodes().end(); }

  const std::shared_ptr<const catalog::Snapshot> snapshot_;
  const size_t block_bytes_;

  // The place.
  catalog::Snapshot::Nodes::Iterator node_;
  bool in_node_ = false;  // the node itself has been added
  bool is_servers_ = false;
  size_t node_check_ = 0;
  Instances::Iterator instance_;
  bool in_instance_ = false;  // likewise
  size_t check_ = 0;
  const catalog::CoordinateSet* coordinates_ = nullptr;
  size_t coordinate_ = 0;
};

}  // namespace rollcall::api
