// Store: the durable, ordered log of transactions that the catalog is built from.
//
// The catalog calls Load once, then Commit from its writer thread alone. An implementation over a
// shared store (etcd) numbers transactions by that store's revisions and may find, at Commit, that
// somebody else has written in between: it then answers kConflict for the whole batch, having
// committed nothing, and the writer resolves its commands again against what it has learnt.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "registry/base/index.h"
#include "registry/base/result.h"
#include "registry/model/mutation.h"
#include "registry/store/record_chunk.h"

namespace rollcall::store {

class Store {
 public:
  virtual ~Store() = default;

  // Takes the records of the next nodes. False: no more are wanted.
  using ChunkSink = std::function<bool(RecordChunk)>;

  // Hands every durable record to `sink`, once, in the order of nodes (their names in lower case,
  // as bytes) and with all records of a node in one chunk. They carry their final indexes. Returns
  // the last committed index (unset for an empty store), which every chunk has too, also when
  // `sink` wanted no more. kCorruption or kIo names the file; a record that is wrong is found when
  // its chunk is decoded. Nothing is repaired in silence.
  virtual Result<Index> Load(const ChunkSink& sink) = 0;

  // Makes `batch` durable as one unit: on return of success each transaction is safe against
  // kill -9 and power loss; on failure, none of them may be taken to have happened. Returns the
  // index of each transaction, in order, strictly increasing and greater than all before.
  // Blocks for one fsync. After a kIo failure the store refuses every later Commit: the caller
  // must stop the process (what the disk holds is unknown until it is opened again).
  virtual Result<std::vector<Index>> Commit(std::span<const model::Transaction> batch) = 0;
};

}  // namespace rollcall::store
