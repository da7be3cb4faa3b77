// SnapshotWriter: the bytes of a snapshot file, part by part; nothing is kept but its checksum.
//   SnapshotWriter writer;
//   send(writer.Begin(header));
//   send(writer.Block(block));  ...
//   send(writer.End());
// Belongs to one thread at a time.
#pragma once

#include <string>
#include <string_view>

#include "registry/base/sha256_hasher.h"
#include "registry/store/snapshot_block.h"
#include "registry/store/snapshot_format.h"

namespace rollcall::store {

class SnapshotWriter {
 public:
  std::string Begin(const SnapshotHeader& header);
  // Not for an empty one.
  std::string Block(const SnapshotBlock& block) { return Block(block.content(), block.counts()); }
  // One that was read: its content and what of it counts.
  std::string Block(std::string_view content, const RecordCounts& counts);
  std::string End();

  // Of the blocks so far.
  const RecordCounts& counts() const { return counts_; }

 private:
  RecordCounts counts_;
  uint64_t blocks_ = 0;
  Sha256Hasher digest_;
};

}  // namespace rollcall::store
