#include "registry/catalog/proposal_builder.h"

#include <algorithm>
#include <optional>
#include <variant>

#include "registry/base/ascii.h"

namespace rollcall::catalog {
namespace {

using store::Condition;
using store::DocumentKind;
using store::DocumentWriter;
using store::Operation;

// The places that one mutation changes, as (kind, node, ID) to `note`.
template <typename Note>
struct Places {
  const Snapshot& before;
  const Note& note;

  void operator()(const model::PutNode& put) const {
    note(DocumentKind::kNode, put.node->name, "");
  }
  void operator()(const model::PutInstance& put) const {
    note(DocumentKind::kInstance, put.instance->node, put.instance->id);
  }
  void operator()(const model::PutCheck& put) const {
    NoteCheck(put.check->node, put.check->service_id);
    NoteCheckBefore(put.check->node, put.check->check_id);
  }
  void operator()(const model::PutCoordinate& put) const {
    note(DocumentKind::kCoordinate, put.coordinate->node, put.coordinate->segment);
  }
  void operator()(const model::PutAcl& put) const { NoteAcl(put.object->kind, put.object->id); }
  void operator()(const model::RemoveAcl& remove) const { NoteAcl(remove.kind, remove.id); }
  void operator()(const model::RemoveNode& remove) const {
    note(DocumentKind::kNode, remove.node, "");
  }
  void operator()(const model::RemoveInstance& remove) const {
    note(DocumentKind::kInstance, remove.node, remove.id);
  }
  void operator()(const model::RemoveCheck& remove) const {
    NoteCheckBefore(remove.node, remove.check_id);
  }
  void operator()(const model::RemoveCoordinate& remove) const {
    note(DocumentKind::kCoordinate, remove.node, remove.segment);
  }

  void NoteAcl(model::AclKind kind, std::string_view id) const {
    note(DocumentKind::kAcl, "", store::AclDocumentId(kind, id));
  }
  void NoteCheck(std::string_view node, std::string_view service_id) const {
    note(service_id.empty() ? DocumentKind::kNode : DocumentKind::kInstance, node, service_id);
  }
  // Where the check has been until now: it may be of another instance.
  void NoteCheckBefore(std::string_view node, std::string_view check_id) const {
    const CheckEntry* entry = before.FindCheck(node, check_id);
    if (entry != nullptr) NoteCheck(node, entry->check->service_id);
  }
};

void Put(std::string key, std::string value, store::Proposal* out) {
  out->operations.push_back({Operation::Kind::kPut, std::move(key), std::move(value)});
}

void Remove(std::string key, store::Proposal* out) {
  out->operations.push_back({Operation::Kind::kRemove, std::move(key), {}});
}

std::string NodeIdOf(const NodeEntry* node) {
  return node == nullptr ? std::string() : AsciiLower(node->node->id);
}

}  // namespace

ProposalBuilder::ProposalBuilder(const Snapshot& base, const NodeRevisions& revisions,
                                 model::ValuePool* pool)
    : base_(base), revisions_(revisions), builder_(base, nullptr, pool), last_(base.index()) {}

void ProposalBuilder::NoteDocuments(const model::Transaction& transaction, Documents* out) const {
  const auto note = [out](DocumentKind kind, std::string_view node, std::string_view id) {
    (*out)[AsciiLower(node)].emplace(kind, AsciiLower(id));
  };
  for (const model::Mutation& mutation : transaction) {
    std::visit(Places<decltype(note)>{builder_.view(), note}, mutation);
  }
}

size_t ProposalBuilder::CountOperations(const Documents& documents) {
  size_t count = 0;
  for (const auto& [node, places] : documents) {
    // The node's own document is written in any case; an ID may come and another one go.
    count += places.size() + (places.contains({DocumentKind::kNode, ""}) ? 2 : 1);
  }
  return count;
}

size_t ProposalBuilder::OperationsWith(const model::Transaction& transaction) const {
  Documents all = documents_;
  NoteDocuments(transaction, &all);
  // Of a node that goes, nothing is written one by one.
  for (const model::Mutation& mutation : transaction) {
    if (const auto* gone = std::get_if<model::RemoveNode>(&mutation)) {
      all[AsciiLower(gone->node)] = {{DocumentKind::kNode, ""}};
    }
  }
  return CountOperations(all);
}

void ProposalBuilder::Add(const model::Transaction& transaction) {
  NoteDocuments(transaction, &documents_);
  last_ = last_.Next();
  builder_.Apply(transaction, last_);
}

bool ProposalBuilder::Removes(const std::string& node) const {
  return !node.empty() && documents_.contains(node) && builder_.view().FindNode(node) == nullptr;
}

store::Proposal ProposalBuilder::Finish() {
  store::Proposal out;
  for (const auto& [node, places] : documents_) WriteNode(node, places, &out);
  for (auto& [key, node] : node_ids_) {
    if (node) {
      Put(key, std::move(*node), &out);
    } else {
      Remove(key, &out);
    }
  }
  return out;
}

void ProposalBuilder::WriteNode(const std::string& node, const std::set<Place>& places,
                                store::Proposal* out) {
  const auto known = revisions_.find(node);
  out->conditions.push_back(
      known == revisions_.end()
          ? Condition::Absent(store::NodeDocumentKey(node))
          : Condition::Unchanged(store::NodeDocumentKey(node), known->second));
  if (node.empty()) return WriteAcl(places, out);
  NoteNodeId(node, out);
  const NodeEntry* now = builder_.view().FindNode(node);
  if (now == nullptr) {
    if (known == revisions_.end()) return;  // it came and went
    out->operations.push_back({Operation::Kind::kRemoveAllUnder, store::DocumentsOfNode(node), {}});
    return;
  }
  const bool only_coordinates = std::all_of(places.begin(), places.end(), [](const Place& place) {
    return place.first == DocumentKind::kCoordinate;
  });
  if (!only_coordinates) {
    DocumentWriter document(base_.index());
    document.Add(*now->node);
    for (const auto& entry : now->node_checks) document.Add(*entry->check);
    Put(store::NodeDocumentKey(node), document.Take(), out);
  }
  for (const auto& [kind, id] : places) {
    if (kind == DocumentKind::kInstance) WriteInstance(*now, id, out);
    if (kind == DocumentKind::kCoordinate) WriteCoordinate(*now, id, out);
  }
}

void ProposalBuilder::WriteInstance(const NodeEntry& node, const std::string& id,
                                    store::Proposal* out) const {
  std::string key = store::InstanceDocumentKey(node.node->name, id);
  const InstanceEntry* now = node.instances.Find(id);
  if (now == nullptr) return Remove(std::move(key), out);
  DocumentWriter document(base_.index());
  document.Add(*now->instance);
  for (const auto& entry : now->checks) document.Add(*entry->check);
  Put(std::move(key), document.Take(), out);
}

void ProposalBuilder::WriteCoordinate(const NodeEntry& node, const std::string& segment,
                                      store::Proposal* out) const {
  std::string key = store::CoordinateDocumentKey(node.node->name, segment);
  const CoordinateSet* set = builder_.view().FindCoordinates(node.node->name);
  const auto is_it = [&segment](const CoordinateRef& coordinate) {
    return EqualsIgnoreCase(coordinate->segment, segment);
  };
  if (set != nullptr) {
    const auto now = std::find_if(set->coordinates.begin(), set->coordinates.end(), is_it);
    if (now != set->coordinates.end()) {
      DocumentWriter document(base_.index());
      document.Add(**now);
      return Put(std::move(key), document.Take(), out);
    }
  }
  Remove(std::move(key), out);
}

void ProposalBuilder::WriteAcl(const std::set<Place>& places, store::Proposal* out) const {
  out->format = store::kAclLogFormat;
  Put(store::NodeDocumentKey(""), DocumentWriter(base_.index()).Take(), out);
  for (const auto& [place, key] : places) {
    model::AclKind kind = model::AclKind::kToken;
    std::string_view id;
    store::ParseAclDocumentId(key, &kind, &id);
    const model::AclObject* now = builder_.view().FindAcl(kind, id);
    if (now == nullptr) {
      Remove(store::AclDocumentKey(key), out);
      continue;
    }
    DocumentWriter document(base_.index());
    document.Add(*now);
    Put(store::AclDocumentKey(key), document.Take(), out);
  }
}

void ProposalBuilder::NoteNodeId(std::string_view node, store::Proposal* out) {
  const std::string before = NodeIdOf(base_.FindNode(node));
  const std::string now = NodeIdOf(builder_.view().FindNode(node));
  if (before == now) return;
  if (!before.empty()) node_ids_.emplace(store::NodeIdKey(before), std::nullopt);
  if (now.empty()) return;
  const NodeEntry* owner = base_.FindNodeById(now);
  std::string key = store::NodeIdKey(now);
  out->conditions.push_back(owner == nullptr
                                ? Condition::Absent(key)
                                : Condition::HasValue(key, AsciiLower(owner->node->name)));
  node_ids_[std::move(key)] = std::string(node);
}

}  // namespace rollcall::catalog
