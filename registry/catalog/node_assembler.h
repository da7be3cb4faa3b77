// NodeAssembler: puts together the nodes of a chunk of a store's records, with their instances and
// checks. The part of loading a catalog that several threads can do at once, each with an assembler
// of its own.
#pragma once

#include <array>
#include <cstddef>
#include <mutex>
#include <vector>

#include "registry/base/result.h"
#include "registry/catalog/snapshot.h"
#include "registry/model/value_pool.h"
#include "registry/store/record_chunk.h"
#include "registry/store/sharing.h"

namespace rollcall::catalog {

// What a chunk came to.
struct AssembledNodes {
  // An instance, and which text its service's name is (Text::identity): instances whose texts are
  // the same are of the same service; those whose texts differ may be as well.
  struct OfService {
    const void* name;
    Ref<InstanceEntry> instance;
  };

  std::vector<Ref<NodeEntry>> nodes;            // in order
  std::vector<Ref<CoordinateSet>> coordinates;  // likewise
  std::vector<AclRef> acl;                      // of no node; likewise
  std::vector<OfService> instances;             // of all nodes, by node, then by ID
  std::vector<Ref<NodeById>> ids;               // of the nodes that have one
  std::vector<Ref<AddressIndex::Entry>> addresses;
  std::vector<boost::intrusive_ptr<Deadline>> deadlines;  // of the checks, not kept yet
  std::array<size_t, 3> check_count{};                    // by status
};

class NodeAssembler {
 public:
  // What records have in common they share through `pool`, which several assemblers share and use
  // while they hold `*mutex`. Both outlive the assembler. The trees of entries are of `edit`.
  NodeAssembler(model::ValuePool* pool, std::mutex* mutex, EditId edit)
      : values_(pool, mutex), sharing_(&values_), edit_(edit) {}

  // Records of a node or an instance that is not there are left out (a store that is whole has
  // none). Errors as RecordChunk says.
  Result<AssembledNodes> Assemble(const store::RecordChunk& chunk);

 private:
  class OneNode;

  model::ValuePool values_;
  store::Sharing sharing_;
  const EditId edit_;
};

}  // namespace rollcall::catalog
