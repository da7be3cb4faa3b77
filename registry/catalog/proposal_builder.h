// ProposalBuilder: puts transactions together to one write to a shared log: the documents that they
// change, and what must not have changed meanwhile for them to hold.
//
// A node is what writes exclude each other by: the document of a node is written along with
// whatever is changed on it, so that its revision tells whether anything was. (A coordinate
// excludes nothing: the last one holds.)
//
// Belongs to the catalog's writer thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "registry/catalog/snapshot.h"
#include "registry/catalog/snapshot_builder.h"
#include "registry/model/mutation.h"
#include "registry/model/value_pool.h"
#include "registry/store/document.h"
#include "registry/store/shared_log.h"

namespace rollcall::catalog {

// The revision of each node's document, by the node's name in lower case.
using NodeRevisions = std::unordered_map<std::string, Index>;

class ProposalBuilder {
 public:
  // All outlive the builder. `revisions` are those of `base`.
  ProposalBuilder(const Snapshot& base, const NodeRevisions& revisions, model::ValuePool* pool);

  // The catalog as the transactions so far would make it.
  const Snapshot& view() const { return builder_.view(); }
  bool empty() const { return documents_.empty(); }

  // The number of operations that the write would have with `transaction` too.
  size_t OperationsWith(const model::Transaction& transaction) const;
  void Add(const model::Transaction& transaction);

  // Whether something is removed from the log with all that is under it: nothing can be put there
  // by the same write.
  bool Removes(const std::string& node) const;

  // Its id is the caller's to set. The builder is spent.
  store::Proposal Finish();

 private:
  using Place = std::pair<store::DocumentKind, std::string>;  // and the ID in lower case
  using Documents = std::map<std::string, std::set<Place>>;   // by node, in lower case

  // Adds to `out` what the transaction changes.
  void NoteDocuments(const model::Transaction& transaction, Documents* out) const;
  static size_t CountOperations(const Documents& documents);
  void WriteNode(const std::string& node, const std::set<Place>& places, store::Proposal* out);
  void WriteInstance(const NodeEntry& node, const std::string& id, store::Proposal* out) const;
  void WriteCoordinate(const NodeEntry& node, const std::string& segment,
                       store::Proposal* out) const;
  // Of objects of access control.
  void WriteAcl(const std::set<Place>& places, store::Proposal* out) const;
  void NoteNodeId(std::string_view node, store::Proposal* out);

  const Snapshot& base_;
  const NodeRevisions& revisions_;
  SnapshotBuilder builder_;
  Index last_;  // of the transactions, none of which has its own yet
  Documents documents_;
  // What becomes of the keys that say which node has an ID; none: removed.
  std::map<std::string, std::optional<std::string>> node_ids_;
};

}  // namespace rollcall::catalog
