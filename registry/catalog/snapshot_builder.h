// SnapshotBuilder: applies transactions to a snapshot, making the next one. The only place that
// changes what a snapshot holds. What a transaction does not touch is shared with the base.
//
// The builder keeps the derived parts true: which checks count for which instance, the status of
// each, the tags of a service, and the index of every result that a change can be seen in.
// Single-threaded; the catalog's writer uses one per batch.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "registry/base/index.h"
#include "registry/catalog/snapshot.h"
#include "registry/catalog/watch.h"
#include "registry/model/mutation.h"
#include "registry/model/value_pool.h"

namespace rollcall::catalog {

class Upkeep;

class SnapshotBuilder {
 public:
  // `upkeep` gives the checks their deadlines; null: none (tests, read-only copies).
  // What records have in common they share through `pool`; null: as they come (likewise).
  explicit SnapshotBuilder(const Snapshot& base, Upkeep* upkeep = nullptr,
                           model::ValuePool* pool = nullptr);

  // Applies one transaction that takes effect at `index`, which is greater than all before.
  // Records that say to be of a node or an instance that is not there are left out (a store that
  // is whole has none); removing what is not there changes nothing.
  void Apply(const model::Transaction& transaction, Index index);

  // The state so far, as a snapshot; valid until the next change of the builder. What is prepared
  // in it may be of the base: not to be asked for.
  const Snapshot& view() const { return next_; }

  // The snapshot. The builder is spent.
  std::shared_ptr<const Snapshot> Finish();

  // The keys of what has changed, each once.
  std::vector<WatchKey> TakeChangedKeys();

 private:
  void Do(const model::PutNode& put);
  void Do(const model::PutInstance& put);
  void Do(const model::PutCheck& put);
  void Do(const model::PutCoordinate& put);
  void Do(const model::PutAcl& put);
  void Do(const model::RemoveNode& remove);
  void Do(const model::RemoveInstance& remove);
  void Do(const model::RemoveCheck& remove);
  void Do(const model::RemoveCoordinate& remove);
  void Do(const model::RemoveAcl& remove);

  // The record as it is in the catalog: stamped with this transaction's index, and sharing what it
  // has in common with others (the arguments of ValuePool::Share after the record).
  template <typename Record, typename... Others>
  Ref<Counted<Record>> Stamped(const std::shared_ptr<const Record>& record,
                               const Others&... others) const {
    Record stamped = model::Stamp(*record, index_);
    if constexpr (sizeof...(others) > 0) {
      if (pool_ != nullptr) pool_->Share(&stamped, others...);
    }
    return MakeCounted(std::move(stamped));
  }

  // The node, or service, to be changed by this transaction: a copy that is put into the snapshot
  // when another one is to be changed, or the transaction ends. EditNode: null when there is none.
  // EditService makes one.
  NodeEntry* EditNode(std::string_view name);
  NodeEntry* AddNode(const NodeRef& node);
  ServiceEntry* EditService(const Text& name);
  void CloseNode();
  void CloseService();

  // Keep what finds records by something else than their name true. Either may be null: a record
  // that is new, or goes.
  void MoveNode(const model::Node* before, const model::Node* after);
  void MoveInstance(const model::Instance* before, const model::Instance* after);

  // What of an instance has changed, and so which results of its service.
  enum class Part { kCatalog, kOwnChecks, kNodeChecks };
  // Puts `entry` into its node and its service, in the place of the one with its ID.
  void PutEntry(NodeEntry* node, InstanceEntry entry, Part part, Index at);
  // The node's record or its own checks have changed: at the end of the transaction, once for all
  // such changes, its instances are given the new ones.
  void RefreshLater(const NodeEntry& node, Part part);
  void FlushNodes();
  void EnsureInService(Ref<InstanceEntry> entry, Part part, Index at);
  void RemoveFromService(const model::Instance& instance);

  // Takes `check` out of the list that it counts in: its instance's, or the node's.
  void Detach(NodeEntry* node, const model::Check& check, Index at);
  void Attach(NodeEntry* node, const CheckEntry& check, Index at);
  void RemoveCheckFrom(NodeEntry* node, const CheckEntry& entry);
  // The catalog's number of checks in a state.
  size_t& CountOf(model::CheckStatus status) {
    return next_.check_count_[static_cast<size_t>(status)];
  }
  void NoteCheck(NodeEntry* node, const model::Check& check, Index at);

  void NoteCoordinates(std::string_view node, Index at);
  void NoteAcl(Index at);
  void DropCoordinates(const Text& node);

  void Changed(WatchKey key) { changed_.push_back(key); }
  void Bury(Snapshot::Tombstones* stones, const Text& name);

  Snapshot next_;
  boost::intrusive_ptr<NodeEntry> open_node_;        // being changed, and not yet in next_
  boost::intrusive_ptr<ServiceEntry> open_service_;  // likewise
  const Index base_index_;
  Upkeep* const upkeep_;
  model::ValuePool* const pool_;
  const EditId edit_ = EditId::Next();
  Index index_;                              // of the transaction being applied
  std::map<std::string, Part> stale_nodes_;  // by lower-cased name: see RefreshLater
  std::vector<WatchKey> changed_;            // in any order, some several times
};

}  // namespace rollcall::catalog
