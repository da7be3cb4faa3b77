#include "registry/catalog/node_assembler.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "registry/base/ascii.h"
#include "registry/base/ip_address.h"
#include "registry/catalog/derived.h"
#include "registry/catalog/upkeep.h"

namespace rollcall::catalog {
namespace {

using model::Check;
using model::Coordinate;
using model::Instance;
using model::Node;
using store::EncodedRecord;
using store::RecordChunk;
using store::RecordKind;

}  // namespace

// The records of one node, as they come: the node, its instances, its checks, its coordinates.
class NodeAssembler::OneNode {
 public:
  OneNode(const RecordChunk& chunk, store::Sharing* sharing, EditId edit, AssembledNodes* to)
      : chunk_(chunk), sharing_(*sharing), edit_(edit), to_(*to) {
    sharing_.ExpectNothing();
  }

  // Takes the next record of the chunk. The one before is put together when another node begins.
  Result<void> Take(const EncodedRecord& record) {
    switch (record.kind) {
      case RecordKind::kNode:
        return TakeNode(record);
      case RecordKind::kInstance:
        return TakeInstance(record);
      case RecordKind::kCheck:
        return TakeCheck(record);
      case RecordKind::kCoordinate:
        return TakeCoordinate(record);
      case RecordKind::kAcl:
        break;
    }
    return TakeAcl(record);
  }

  // After the last record.
  void Finish();

 private:
  // With the checks of that instance.
  struct InstanceOf {
    InstanceRef record;
    std::vector<Ref<CheckEntry>> checks;
  };

  // Whether a record is of the node at hand.
  bool IsHere(std::string_view node) const {
    return node_ != nullptr && EqualsIgnoreCase(node_->name, node);
  }

  Result<void> TakeNode(const EncodedRecord& record) {
    Finish();
    sharing_.ExpectNothing();
    Result<Node> node = chunk_.Node(record, sharing_);
    if (!node) return node.error();
    node_ = MakeCounted(*std::move(node));
    sharing_.ExpectOwn({&node_->name, &node_->address});
    next_checked_ = 0;
    return {};
  }

  Result<void> TakeInstance(const EncodedRecord& record) {
    Result<Instance> instance = chunk_.Instance(record, sharing_);
    if (!instance) return instance.error();
    if (IsHere(instance->node)) instances_.push_back({MakeCounted(*std::move(instance)), {}});
    return {};
  }

  Result<void> TakeCheck(const EncodedRecord& record);

  Result<void> TakeCoordinate(const EncodedRecord& record) {
    Result<Coordinate> coordinate = chunk_.Coordinate(record, sharing_);
    if (!coordinate) return coordinate.error();
    if (IsHere(coordinate->node)) coordinates_.push_back(MakeCounted(*std::move(coordinate)));
    return {};
  }

  Result<void> TakeAcl(const EncodedRecord& record) {
    Result<model::AclObject> object = chunk_.Acl(record, sharing_);
    if (!object) return object.error();
    to_.acl.push_back(MakeCounted(*std::move(object)));
    return {};
  }

  // Null when there is no such instance.
  InstanceOf* FindInstance(std::string_view id);
  Ref<CheckEntry> MakeCheck(Check check);
  void NoteAddress(std::string_view address, AddressIndex::Kind kind, const Text& name) {
    if (const std::optional<IpAddress> parsed = ParseIpAddress(address)) {
      to_.addresses.emplace_back(new AddressIndex::Entry(*parsed, kind, name, 1));
    }
  }

  const RecordChunk& chunk_;
  store::Sharing& sharing_;
  const EditId edit_;
  AssembledNodes& to_;

  NodeRef node_;  // null before the first
  std::vector<InstanceOf> instances_;
  std::vector<Ref<CheckEntry>> checks_;       // all
  std::vector<Ref<CheckEntry>> node_checks_;  // those of the whole node
  std::vector<CoordinateRef> coordinates_;
  size_t next_checked_ = 0;  // the instance that the next check is most likely of
};

Result<void> NodeAssembler::OneNode::TakeCheck(const EncodedRecord& record) {
  // Checks are mostly named after their instances, and so in the same order.
  const Instance* const likely =
      next_checked_ < instances_.size() ? instances_[next_checked_].record.get() : nullptr;
  sharing_.ExpectCommon(likely == nullptr ? nullptr : &likely->service);
  sharing_.ExpectOwn(
      {node_ == nullptr ? nullptr : &node_->name, likely == nullptr ? nullptr : &likely->id});
  Result<Check> check = chunk_.Check(record, sharing_);
  if (!check) return check.error();
  if (!IsHere(check->node)) return {};
  if (check->service_id.empty()) {
    checks_.push_back(MakeCheck(*std::move(check)));
    node_checks_.push_back(checks_.back());
  } else if (InstanceOf* of = FindInstance(check->service_id)) {
    if (check->service_id == of->record->id) check->service_id = of->record->id;
    next_checked_ = static_cast<size_t>(of - instances_.data()) + 1;
    checks_.push_back(MakeCheck(*std::move(check)));
    of->checks.push_back(checks_.back());
  }
  return {};
}

NodeAssembler::OneNode::InstanceOf* NodeAssembler::OneNode::FindInstance(std::string_view id) {
  if (next_checked_ < instances_.size() &&
      EqualsIgnoreCase(instances_[next_checked_].record->id, id)) {
    return &instances_[next_checked_];
  }
  const auto found = std::lower_bound(
      instances_.begin(), instances_.end(), id,
      [](const auto& one, const auto& key) { return CompareIgnoreCase(one.record->id, key) < 0; });
  return found != instances_.end() && EqualsIgnoreCase(found->record->id, id) ? &*found : nullptr;
}

Ref<CheckEntry> NodeAssembler::OneNode::MakeCheck(Check check) {
  ++to_.check_count[static_cast<size_t>(check.status)];
  Ref<CheckEntry> entry = Upkeep::EntryToAdopt(MakeCounted(std::move(check)));
  for (const auto& deadline : {entry->ttl, entry->reap}) {
    if (deadline != nullptr) to_.deadlines.push_back(deadline);
  }
  return entry;
}

void NodeAssembler::OneNode::Finish() {
  if (node_ == nullptr) return;
  // What was removed or changed status since a result's records were last written has left no
  // trace in them: the index that a client saw of the result may be as high as the last one.
  const Index floor = std::max(chunk_.last_index(), Index(1));
  const boost::intrusive_ptr<NodeEntry> entry(new NodeEntry);
  entry->node = node_;
  entry->catalog_index = entry->checks_index = floor;
  entry->node_checks = std::move(node_checks_);
  entry->checks = CheckMap::FromSorted(edit_, std::move(checks_));
  std::vector<Ref<InstanceEntry>> entries;
  entries.reserve(instances_.size());
  for (InstanceOf& instance : instances_) {
    const boost::intrusive_ptr<InstanceEntry> made(new InstanceEntry);
    made->node = node_;
    made->instance = std::move(instance.record);
    made->node_checks = entry->node_checks;
    made->checks = std::move(instance.checks);
    made->status = WorstOf(made->node_checks, made->checks);
    entries.push_back(made);
    to_.instances.push_back({made->instance->service.identity(), made});
    NoteAddress(made->instance->address, AddressIndex::Kind::kService, made->instance->service);
  }
  entry->instances = decltype(entry->instances)::FromSorted(edit_, std::move(entries));
  NoteAddress(node_->address, AddressIndex::Kind::kNode, node_->name);
  if (!node_->id.empty()) to_.ids.emplace_back(new NodeById(node_->id, node_->name));
  to_.nodes.push_back(entry);
  if (!coordinates_.empty()) {
    const boost::intrusive_ptr<CoordinateSet> set(new CoordinateSet);
    set->node = coordinates_.back()->node;
    set->coordinates = std::move(coordinates_);
    set->index = floor;
    to_.coordinates.push_back(set);
  }
  node_ = nullptr;
  instances_.clear();
  checks_.clear();
  node_checks_.clear();
  coordinates_.clear();
}

Result<AssembledNodes> NodeAssembler::Assemble(const RecordChunk& chunk) {
  AssembledNodes assembled;
  OneNode node(chunk, &sharing_, edit_, &assembled);
  RecordChunk::Reader reader = chunk.Read();
  EncodedRecord record;
  while (reader.Next(&record)) {
    if (const Result<void> taken = node.Take(record); !taken) return taken.error();
  }
  node.Finish();
  return assembled;
}

}  // namespace rollcall::catalog
