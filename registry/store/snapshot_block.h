// SnapshotBlock: records of a catalog on their way into a snapshot file, and how they are
// registered when they come out of one. What a record says is kept, without its indexes and without
// what follows from the records above it: the catalog that takes it has its own.
// The grammar is at the top of snapshot_block.cc. A block belongs to one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "registry/base/result.h"
#include "registry/model/command.h"
#include "registry/model/records.h"
#include "registry/model/value_pool.h"
#include "registry/store/snapshot_format.h"

namespace rollcall::store {

// Whether a block before has the record already, so that it does not count again.
enum class Occurrence { kFirst, kAgain };

class SnapshotBlock {
 public:
  // In the order of the grammar: a node, its own checks, its instances, each followed by its own
  // checks, its coordinates. What follows a node or an instance in a further block needs it again.
  void Add(const model::Node& node, Occurrence occurrence);
  void Add(const model::Instance& instance, Occurrence occurrence);
  void Add(model::Check check);
  void Add(model::Coordinate coordinate);

  const std::string& content() const { return content_; }
  const RecordCounts& counts() const { return counts_; }
  bool empty() const { return content_.empty(); }
  void Clear();

 private:
  std::string content_;
  RecordCounts counts_;
};

// How many records the content of a block has that count. kCorruption when it is not made of
// records; what is in them is not looked at. `offset`: where in the file the content begins, for
// errors.
Result<RecordCounts> CountRecords(std::string_view content, uint64_t offset);

// What registers them, in their order: each command can be carried out when those before it have
// been. kCorruption says at which byte of the file a record is that no catalog could hold.
Result<std::vector<model::Command>> CommandsOf(std::string_view content, uint64_t offset,
                                               model::ValuePool* pool);

}  // namespace rollcall::store
