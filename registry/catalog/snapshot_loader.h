// SnapshotLoader: makes the first snapshot from the records of a store. All records of a node come
// together, and services are made when all nodes are there, so that each node and each service is
// made once, in order: far quicker than applying the records as changes one by one. Helpers share
// the work: each chunk of records is decoded and its nodes are put together by whichever thread is
// free (NodeAssembler), then the trees of nodes, addresses and services are made side by side.
// Belongs to one thread; the catalog uses one when it opens. Without enough memory for the catalog
// there is nothing to go on with: the process ends.
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "registry/base/index.h"
#include "registry/base/lock_guarded.h"
#include "registry/base/result.h"
#include "registry/base/work_crew.h"
#include "registry/catalog/node_assembler.h"
#include "registry/catalog/snapshot.h"
#include "registry/model/value_pool.h"
#include "registry/store/record_chunk.h"

namespace rollcall::catalog {

class SnapshotLoader {
 public:
  struct Loaded {
    std::shared_ptr<const Snapshot> snapshot;
    // Of its checks; they are to be kept (Upkeep::Adopt).
    std::vector<boost::intrusive_ptr<Deadline>> deadlines;
  };

  // What records have in common they share through `pool`, which outlives the loader and which
  // nobody else uses meanwhile. At most so many threads help.
  SnapshotLoader(model::ValuePool* pool, size_t helpers);

  // As many threads as can help on this machine.
  static size_t UsefulHelpers();

  // Takes the next records of a store, as it hands them out (store.h). False when something was
  // wrong with any: nothing more is of use, Finish says what it was.
  bool Add(store::RecordChunk chunk) noexcept;

  // The catalog at `index`, which is the last_index() of all chunks. Nothing is known of what was
  // removed before, so that no result has a lower index. kCorruption names the first record that is
  // wrong. The loader is spent.
  Result<Loaded> Finish(Index index) noexcept;

 private:
  using Part = std::optional<Result<AssembledNodes>>;  // nothing while it is under way
  struct Services;

  void Assemble(const store::RecordChunk& chunk, Part* part);
  // All of one kind, in the order of the parts, which have none afterwards.
  template <typename Kind>
  std::vector<Kind> TakeAll(std::vector<Kind> AssembledNodes::*kind);
  Snapshot::Acl AclOf(std::vector<AclRef> objects) const;
  Services GroupByService();
  Ref<ServiceEntry> MakeService(const Services& services, size_t number) const;

  model::ValuePool* const pool_;
  const EditId edit_ = EditId::Next();
  std::mutex pool_mutex_;  // of *pool_, while assemblers ask it
  LockGuarded<std::vector<std::unique_ptr<NodeAssembler>>> idle_;
  std::deque<Part> parts_;
  std::atomic<bool> failed_ = false;
  Index floor_;    // of all results' indexes
  WorkCrew crew_;  // ends before all that its pieces use
};

}  // namespace rollcall::catalog
