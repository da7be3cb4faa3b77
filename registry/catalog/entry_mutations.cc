#include "registry/catalog/entry_mutations.h"

#include <memory>
#include <set>
#include <utility>

#include "registry/base/ascii.h"
#include "registry/catalog/resolve.h"
#include "registry/store/document.h"
#include "registry/store/record_chunk.h"

namespace rollcall::catalog {
namespace {

using store::DocumentKind;
using store::DocumentName;
using store::EncodedRecord;
using store::RecordKind;

// Collects the mutations by kind, so that they come out in an order in which they can be carried
// out. A check may move from one document to another within an entry: only once all documents have
// been read is it known which ones have gone.
class EntryReader {
 public:
  EntryReader(Index index, const Snapshot& before, store::Sharing& sharing)
      : index_(index), before_(before), sharing_(sharing) {}

  // Nodes that go come first: what is read of them later is passed over, and another node may take
  // what they had.
  void ReadIfNodeGoes(const store::KeyChange& change) {
    const Result<DocumentName> name = store::ParseDocumentKey(change.key);
    if (!name || name->kind != DocumentKind::kNode || change.value) return;
    const NodeEntry* node = before_.FindNode(name->node);
    if (node == nullptr) return;
    model::Transaction removal = RemovalOf(*node, before_);
    std::move(removal.begin(), removal.end(), std::back_inserter(node_removals_));
    gone_.insert(name->node);
  }

  void Read(const store::KeyChange& change) {
    const Result<DocumentName> name = store::ParseDocumentKey(change.key);
    if (!name) return Damaged(name.error());
    if (gone_.contains(name->node)) return;
    if (change.value) {
      ReadPut(change, *name);
    } else {
      ReadRemoval(*name);
    }
  }

  EntryMutations Finish() && {
    model::Transaction all = std::move(node_removals_);
    std::move(puts_.begin(), puts_.end(), std::back_inserter(all));
    for (const auto& [node, id] : checks_before_) {
      if (!checks_now_.contains(Lower(node, id))) all.push_back(model::RemoveCheck{node, id});
    }
    for (auto* kind : {&check_puts_, &removals_}) {
      std::move(kind->begin(), kind->end(), std::back_inserter(all));
    }
    return {std::move(all), std::move(damaged_)};
  }

 private:
  using CheckName = std::pair<std::string, std::string>;  // both in lower case
  static CheckName Lower(std::string_view node, std::string_view id) {
    return {AsciiLower(node), AsciiLower(id)};
  }

  void Damaged(const Error& error) { damaged_.push_back(error.message); }

  void ReadPut(const store::KeyChange& change, const DocumentName& name) {
    store::RecordChunk records("the log's entry " + std::to_string(index_.value()), index_);
    Result<void> read = store::ReadDocument(change.key, *change.value, index_, &records);
    if (!read) return Damaged(read.error());
    // What cannot be read as a whole is passed over as a whole.
    model::Transaction puts;
    model::Transaction check_puts;
    std::set<CheckName> checks_now;
    store::RecordChunk::Reader reader = records.Read();
    for (EncodedRecord record; reader.Next(&record);) {
      const Result<void> ok = ReadRecord(records, record, &puts, &check_puts, &checks_now);
      if (!ok) return Damaged(ok.error());
    }
    std::move(puts.begin(), puts.end(), std::back_inserter(puts_));
    std::move(check_puts.begin(), check_puts.end(), std::back_inserter(check_puts_));
    checks_now_.merge(checks_now);
    NoteChecksBefore(name);
  }

  Result<void> ReadRecord(const store::RecordChunk& records, const EncodedRecord& record,
                          model::Transaction* puts, model::Transaction* check_puts,
                          std::set<CheckName>* checks_now) {
    switch (record.kind) {
      case RecordKind::kNode: {
        auto node = records.Node(record, sharing_);
        if (!node) return node.error();
        const NodeEntry* known = before_.FindNode(node->name);
        return Put<model::PutNode>(std::move(*node), known != nullptr, puts);
      }
      case RecordKind::kInstance: {
        auto instance = records.Instance(record, sharing_);
        if (!instance) return instance.error();
        const bool known = before_.FindInstance(instance->node, instance->id) != nullptr;
        return Put<model::PutInstance>(std::move(*instance), known, puts);
      }
      case RecordKind::kCheck: {
        auto check = records.Check(record, sharing_);
        if (!check) return check.error();
        checks_now->insert(Lower(check->node, check->check_id));
        const bool known = before_.FindCheck(check->node, check->check_id) != nullptr;
        return Put<model::PutCheck>(std::move(*check), known, check_puts);
      }
      case RecordKind::kAcl: {
        auto object = records.Acl(record, sharing_);
        if (!object) return object.error();
        const bool known = before_.FindAcl(object->kind, object->id) != nullptr;
        return Put<model::PutAcl>(std::move(*object), known, puts);
      }
      case RecordKind::kCoordinate:
        break;
    }
    auto coordinate = records.Coordinate(record, sharing_);
    if (!coordinate) return coordinate.error();
    const CoordinateSet* set = before_.FindCoordinates(coordinate->node);
    const bool known = set != nullptr && set->Find(coordinate->segment) != nullptr;
    return Put<model::PutCoordinate>(std::move(*coordinate), known, puts);
  }

  template <typename PutMutation, typename Record>
  Result<void> Put(Record record, bool is_known, model::Transaction* out) {
    if (!is_known || record.modify_index == index_) {
      out->push_back(PutMutation{std::make_shared<const Record>(std::move(record))});
    }
    return {};
  }

  void ReadRemoval(const DocumentName& name) {
    if (name.kind == DocumentKind::kAcl) return ReadAclRemoval(name);
    const NodeEntry* node = before_.FindNode(name.node);
    if (node == nullptr) return;
    NoteChecksBefore(name);
    switch (name.kind) {
      case DocumentKind::kNode:  // see ReadIfNodeGoes
        break;
      case DocumentKind::kInstance:
        removals_.push_back(model::RemoveInstance{node->node->name, name.id});
        break;
      case DocumentKind::kCoordinate:
        removals_.push_back(model::RemoveCoordinate{node->node->name, name.id});
        break;
      case DocumentKind::kAcl:  // see above
        break;
    }
  }

  void ReadAclRemoval(const DocumentName& name) {
    model::AclKind kind = model::AclKind::kToken;
    std::string_view id;
    if (!store::ParseAclDocumentId(name.id, &kind, &id)) return;  // of a newer program
    removals_.push_back(model::RemoveAcl{kind, Text(id)});
  }

  // The checks that the document held until now.
  void NoteChecksBefore(const DocumentName& name) {
    const NodeEntry* node = before_.FindNode(name.node);
    if (node == nullptr || name.kind == DocumentKind::kCoordinate) return;
    const InstanceEntry* instance =
        name.kind == DocumentKind::kInstance ? node->instances.Find(name.id) : nullptr;
    if (name.kind == DocumentKind::kInstance && instance == nullptr) return;
    for (const auto& entry : instance != nullptr ? instance->checks : node->node_checks) {
      checks_before_.emplace_back(entry->check->node, entry->check->check_id);
    }
  }

  const Index index_;
  const Snapshot& before_;
  store::Sharing& sharing_;
  model::Transaction puts_;  // of nodes, then their instances: keys do not come in that order
  model::Transaction check_puts_;
  model::Transaction removals_;
  model::Transaction node_removals_;
  std::set<std::string> gone_;                        // nodes, in lower case
  std::set<CheckName> checks_now_;                    // of the documents that were put
  std::vector<std::pair<Text, Text>> checks_before_;  // of all documents of the entry
  std::vector<std::string> damaged_;
};

bool IsNodeDocument(const store::KeyChange& change) {
  const Result<DocumentName> name = store::ParseDocumentKey(change.key);
  return name.has_value() && name->kind == DocumentKind::kNode;
}

}  // namespace

EntryMutations MutationsOf(const store::Entry& entry, const Snapshot& before,
                           store::Sharing& sharing) {
  EntryReader reader(entry.index, before, sharing);
  for (const store::KeyChange& change : entry.changes) reader.ReadIfNodeGoes(change);
  // Nodes first: what is on them needs them.
  for (const bool nodes : {true, false}) {
    for (const store::KeyChange& change : entry.changes) {
      if (store::IsDocumentKey(change.key) && IsNodeDocument(change) == nodes) reader.Read(change);
    }
  }
  return std::move(reader).Finish();
}

}  // namespace rollcall::catalog
