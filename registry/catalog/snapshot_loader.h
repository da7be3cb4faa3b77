// SnapshotLoader: makes the first snapshot from the records of a store. All of them are known
// before anything is built, so that each node and each service is put together once, in order:
// more than twice as fast as applying the records as changes one by one.
// Single-threaded; the catalog uses one when it opens.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "registry/base/index.h"
#include "registry/catalog/record_sharer.h"
#include "registry/catalog/snapshot.h"
#include "registry/model/mutation.h"

namespace rollcall::catalog {

class Upkeep;

class SnapshotLoader {
 public:
  // `upkeep` gives the checks their deadlines; null: none (tests, read-only copies).
  // What records have in common they share through `pool`; null: as they come (likewise).
  explicit SnapshotLoader(Upkeep* upkeep = nullptr, model::ValuePool* pool = nullptr);
  ~SnapshotLoader();

  // A record with its own indexes, in any order; of two with the same identity the later counts.
  // Removals are not records, and say nothing here.
  void Add(const model::Mutation& record);

  // The catalog at `index`. Nothing is known of what was removed before, so that no result has a
  // lower index. Records that say to be of a node or an instance that is not there are left out (a
  // store that is whole has none). The loader is spent.
  std::shared_ptr<const Snapshot> Finish(Index index);

 private:
  template <typename Record>
  using Records = std::vector<Ref<Counted<Record>>>;
  // Those of one node.
  template <typename Record>
  using Range = std::span<const Ref<Counted<Record>>>;
  struct Service;

  void Take(const model::PutNode& put) { nodes_.push_back(sharer_.Share(*put.node)); }
  void Take(const model::PutInstance& put) {
    instances_.push_back(sharer_.Share(*put.instance, nodes_));
  }
  void Take(const model::PutCheck& put) {
    checks_.push_back(sharer_.Share(*put.check, nodes_, instances_));
  }
  void Take(const model::PutCoordinate& put) {
    coordinates_.push_back(MakeCounted(*put.coordinate));
  }
  template <typename Removal>
  void Take(const Removal& /*removal*/) {}

  Ref<NodeEntry> MakeNode(const NodeRef& node, Range<model::Instance> instances,
                          Range<model::Check> checks);
  Ref<CheckEntry> MakeCheck(const CheckRef& check);
  void AddToService(const Ref<InstanceEntry>& entry);
  void NoteAddress(std::string_view address, AddressIndex::Kind kind, const Text& name);
  Ref<CoordinateSet> MakeCoordinates(Range<model::Coordinate> coordinates) const;
  Snapshot::Services MakeServices();

  Upkeep* const upkeep_;
  RecordSharer sharer_;
  const EditId edit_ = EditId::Next();
  Records<model::Node> nodes_;
  Records<model::Instance> instances_;
  Records<model::Check> checks_;
  Records<model::Coordinate> coordinates_;

  // While it is being made.
  Snapshot next_;
  Index floor_;                                        // of all results' indexes
  std::unordered_map<std::string, Service> services_;  // by lower-cased name
  // The same by Text::identity of a name that an instance has given: mostly shared by many.
  std::unordered_map<const void*, Service*> services_by_text_;
  std::vector<Ref<AddressIndex::Entry>> addresses_;
};

}  // namespace rollcall::catalog
