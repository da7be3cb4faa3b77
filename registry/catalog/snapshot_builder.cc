#include "registry/catalog/snapshot_builder.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "registry/catalog/derived.h"
#include "registry/catalog/upkeep.h"

namespace rollcall::catalog {
namespace {

using model::Check;
using model::Instance;
using model::Node;

// So many names of removed services, and of nodes, are remembered with their last index. When there
// are more, all are forgotten and the floor rises: a client that waits for one of them is answered
// once for nothing.
constexpr size_t kMaxTombstones = 16384;

// Clients send index 1 to mean "whatever there is": what was never there must not have that index,
// or they would wait for it.
constexpr Index kLowestFloor{2};

// The list with `check` put in its place; the order is that of the IDs.
CheckList With(const CheckList& list, Ref<CheckEntry> check) {
  std::vector<Ref<CheckEntry>> changed(list.begin(), list.end());
  const auto at =
      std::lower_bound(changed.begin(), changed.end(), check, [](const auto& a, const auto& b) {
        return CompareIgnoreCase(a->check->check_id, b->check->check_id) < 0;
      });
  if (at != changed.end() && EqualsIgnoreCase((*at)->check->check_id, check->check->check_id)) {
    *at = std::move(check);
  } else {
    changed.insert(at, std::move(check));
  }
  return changed;
}

CheckList Without(const CheckList& list, std::string_view check_id) {
  std::vector<Ref<CheckEntry>> changed(list.begin(), list.end());
  std::erase_if(changed, [check_id](const auto& entry) {
    return EqualsIgnoreCase(entry->check->check_id, check_id);
  });
  return changed;
}

// Adds the tags of `after` and takes away those of `before` (either may be null). Returns whether
// the set of tags has changed.
bool CountTags(EditId edit, TagCounts* counts, const Instance* before, const Instance* after) {
  bool changed = false;
  const auto put = [&](const Text& tag, size_t count) {
    counts->Ensure(edit, Ref<TagCount>(new TagCount(tag, count)));
  };
  if (after != nullptr) {
    for (const Text& tag : DistinctTags(*after)) {
      const TagCount* known = counts->Find(tag);
      put(tag, known == nullptr ? 1 : known->count + 1);
      changed |= known == nullptr;
    }
  }
  if (before != nullptr) {
    for (const Text& tag : DistinctTags(*before)) {
      const size_t count = counts->Find(tag)->count;
      if (count > 1) {
        put(tag, count - 1);
      } else {
        counts->Erase(edit, tag);
        changed = true;
      }
    }
  }
  return changed;
}

// A copy to change; what was prepared from the old one stays behind.
boost::intrusive_ptr<ServiceEntry> CopyOf(const ServiceEntry& entry) {
  const boost::intrusive_ptr<ServiceEntry> copy(new ServiceEntry);
  copy->name = entry.name;
  copy->instances = entry.instances;
  copy->tags = entry.tags;
  copy->catalog_index = entry.catalog_index;
  copy->health_index = entry.health_index;
  copy->checks_index = entry.checks_index;
  return copy;
}

}  // namespace

SnapshotBuilder::SnapshotBuilder(const Snapshot& base, Upkeep* upkeep, model::ValuePool* pool)
    : next_(base), base_index_(base.index()), upkeep_(upkeep), pool_(pool) {}

void SnapshotBuilder::Apply(const model::Transaction& transaction, Index index) {
  index_ = index;
  for (const model::Mutation& mutation : transaction) {
    std::visit([this](const auto& change) { Do(change); }, mutation);
  }
  FlushNodes();
  CloseNode();
  CloseService();
  next_.index_ = index;
  next_.absent_floor_ = std::max(next_.absent_floor_, std::min(index, kLowestFloor));
}

std::shared_ptr<const Snapshot> SnapshotBuilder::Finish() {
  if (next_.services_index_ > base_index_) {
    next_.prepared_services_ = std::make_shared<const PreparedCell>();
  }
  if (next_.nodes_index_ > base_index_) {
    next_.prepared_nodes_ = std::make_shared<const PreparedCell>();
  }
  return std::make_shared<const Snapshot>(std::move(next_));
}

std::vector<WatchKey> SnapshotBuilder::TakeChangedKeys() {
  std::vector<WatchKey> keys = std::exchange(changed_, {});
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

NodeEntry* SnapshotBuilder::EditNode(std::string_view name) {
  if (open_node_ != nullptr && EqualsIgnoreCase(open_node_->node->name, name)) {
    return open_node_.get();
  }
  CloseNode();
  const NodeEntry* entry = next_.nodes_.Find(name);
  if (entry == nullptr) return nullptr;
  Changed(WatchKey::Node(name));
  open_node_ = new NodeEntry(*entry);
  return open_node_.get();
}

NodeEntry* SnapshotBuilder::AddNode(const NodeRef& node) {
  CloseNode();
  Changed(WatchKey::Node(node->name));
  open_node_ = new NodeEntry;
  open_node_->checks_index = node->modify_index;
  next_.gone_nodes_.Erase(edit_, node->name);
  return open_node_.get();
}

void SnapshotBuilder::CloseNode() {
  if (open_node_ != nullptr) next_.nodes_.Ensure(edit_, std::move(open_node_));
}

ServiceEntry* SnapshotBuilder::EditService(const Text& name) {
  if (open_service_ != nullptr && EqualsIgnoreCase(open_service_->name, name)) {
    return open_service_.get();
  }
  CloseService();
  const ServiceEntry* entry = next_.services_.Find(name);
  if (entry != nullptr) {
    open_service_ = CopyOf(*entry);
  } else {
    open_service_ = new ServiceEntry;
    open_service_->name = name;
    next_.gone_services_.Erase(edit_, name);
  }
  Changed(WatchKey::Service(name));
  return open_service_.get();
}

void SnapshotBuilder::CloseService() {
  if (open_service_ != nullptr) next_.services_.Ensure(edit_, std::move(open_service_));
}

void SnapshotBuilder::Do(const model::PutNode& put) {
  NodeEntry* node = EditNode(put.node->name);
  const auto record = Stamped(put.node, node == nullptr ? nullptr : node->node.get());
  const Index at = record->modify_index;
  if (node == nullptr) node = AddNode(record);
  MoveNode(node->node.get(), record.get());
  node->node = record;
  node->catalog_index = std::max(node->catalog_index, at);
  RefreshLater(*node, Part::kCatalog);
  next_.nodes_index_ = std::max(next_.nodes_index_, at);
  Changed(WatchKey::AllNodes());
}

void SnapshotBuilder::Do(const model::PutInstance& put) {
  NodeEntry* node = EditNode(put.instance->node);
  if (node == nullptr) return;
  InstanceEntry entry;
  const InstanceEntry* before = node->instances.Find(put.instance->id);
  entry.instance =
      Stamped(put.instance, *node->node, before == nullptr ? nullptr : before->instance.get());
  if (before != nullptr) {
    entry.checks = before->checks;
    if (!EqualsIgnoreCase(before->instance->service, entry.instance->service)) {
      RemoveFromService(*before->instance);
    }
  }
  const Index at = entry.instance->modify_index;
  node->catalog_index = std::max(node->catalog_index, at);
  PutEntry(node, std::move(entry), Part::kCatalog, at);
}

void SnapshotBuilder::Do(const model::PutCheck& put) {
  NodeEntry* node = EditNode(put.check->node);
  if (node == nullptr) return;
  const InstanceEntry* instance = node->instances.Find(put.check->service_id);
  if (!put.check->service_id.empty() && instance == nullptr) return;
  const Ref<CheckEntry> before(node->checks.Find(put.check->check_id));
  const auto record =
      Stamped(put.check, *node->node, instance == nullptr ? nullptr : instance->instance.get(),
              before == nullptr ? nullptr : before->check.get());
  const Index at = record->modify_index;
  const Ref<CheckEntry> entry =
      upkeep_ == nullptr ? Upkeep::EntryWithout(record) : upkeep_->EntryFor(record, before.get());
  if (before != nullptr) {
    NoteCheck(node, *before->check, at);
    --CountOf(before->check->status);
    if (!EqualsIgnoreCase(before->check->service_id, record->service_id)) {
      Detach(node, *before->check, at);
    }
  }
  NoteCheck(node, *record, at);
  ++CountOf(record->status);
  node->checks.Ensure(edit_, entry);
  Attach(node, *entry, at);
}

void SnapshotBuilder::Do(const model::RemoveCheck& remove) {
  NodeEntry* node = EditNode(remove.node);
  if (node == nullptr) return;
  const Ref<CheckEntry> entry(node->checks.Find(remove.check_id));
  if (entry == nullptr) return;
  RemoveCheckFrom(node, *entry);
}

void SnapshotBuilder::Do(const model::RemoveInstance& remove) {
  NodeEntry* node = EditNode(remove.node);
  if (node == nullptr) return;
  const Ref<InstanceEntry> entry(node->instances.Find(remove.id));
  if (entry == nullptr) return;
  for (const auto& check : entry->checks) RemoveCheckFrom(node, *check);
  RemoveFromService(*entry->instance);
  node->instances.Erase(edit_, entry->instance->id);
  --next_.instance_count_;
  node->catalog_index = index_;
}

void SnapshotBuilder::Do(const model::RemoveNode& remove) {
  NodeEntry* node = EditNode(remove.node);
  if (node == nullptr) return;
  const Text name = node->node->name;
  for (const InstanceEntry& entry : node->instances) RemoveFromService(*entry.instance);
  for (const CheckEntry& entry : node->checks) {
    NoteCheck(node, *entry.check, index_);
    --CountOf(entry.check->status);
    Upkeep::Forget(entry);
  }
  next_.instance_count_ -= node->instances.size();
  DropCoordinates(name);
  MoveNode(node->node.get(), nullptr);
  open_node_ = nullptr;
  next_.nodes_.Erase(edit_, name);
  Bury(&next_.gone_nodes_, name);
  next_.nodes_index_ = index_;
  Changed(WatchKey::AllNodes());
}

void SnapshotBuilder::MoveNode(const Node* before, const Node* after) {
  const bool keeps_name = before != nullptr && after != nullptr && before->name == after->name;
  if (!keeps_name || before->id != after->id) {
    if (before != nullptr && !before->id.empty()) next_.node_ids_.Erase(edit_, before->id);
    if (after != nullptr && !after->id.empty()) {
      next_.node_ids_.Ensure(edit_, Ref<NodeById>(new NodeById(after->id, after->name)));
    }
  }
  if (!keeps_name || before->address != after->address) {
    using Kind = AddressIndex::Kind;
    if (before != nullptr) {
      next_.addresses_.Remove(edit_, before->address, Kind::kNode, before->name);
    }
    if (after != nullptr) next_.addresses_.Add(edit_, after->address, Kind::kNode, after->name);
  }
}

void SnapshotBuilder::MoveInstance(const Instance* before, const Instance* after) {
  if (before != nullptr && after != nullptr && before->address == after->address) return;
  using Kind = AddressIndex::Kind;
  if (before != nullptr) {
    next_.addresses_.Remove(edit_, before->address, Kind::kService, before->service);
  }
  if (after != nullptr) {
    next_.addresses_.Add(edit_, after->address, Kind::kService, after->service);
  }
}

void SnapshotBuilder::PutEntry(NodeEntry* node, InstanceEntry entry, Part part, Index at) {
  entry.node = node->node;
  entry.node_checks = node->node_checks;
  entry.status = WorstOf(entry.node_checks, entry.checks);
  Ref<InstanceEntry> shared(new InstanceEntry(std::move(entry)));
  EnsureInService(shared, part, at);
  next_.instance_count_ -= node->instances.size();
  node->instances.Ensure(edit_, std::move(shared));
  next_.instance_count_ += node->instances.size();
}

void SnapshotBuilder::RefreshLater(const NodeEntry& node, Part part) {
  if (node.instances.empty()) return;
  const auto [place, is_new] = stale_nodes_.emplace(AsciiLower(node.node->name), part);
  if (part == Part::kCatalog) place->second = part;
}

void SnapshotBuilder::FlushNodes() {
  for (const auto& [name, part] : std::exchange(stale_nodes_, {})) {
    NodeEntry* node = EditNode(name);
    if (node == nullptr) continue;
    std::vector<Ref<InstanceEntry>> instances;
    instances.reserve(node->instances.size());
    for (const InstanceEntry& entry : node->instances) instances.emplace_back(&entry);
    for (const auto& entry : instances) PutEntry(node, *entry, part, index_);
  }
}

void SnapshotBuilder::EnsureInService(Ref<InstanceEntry> entry, Part part, Index at) {
  const Instance& instance = *entry->instance;
  ServiceEntry* service = EditService(instance.service);
  const bool is_new = service->instances.empty();
  if (is_new) service->checks_index = at;
  const InstanceEntry* before = service->instances.Find(InstanceByNodeTraits::KeyOf(*entry));
  MoveInstance(before == nullptr ? nullptr : before->instance.get(), &instance);
  const bool tags_changed =
      (before == nullptr || before->instance->tags != instance.tags) &&
      CountTags(edit_, &service->tags, before == nullptr ? nullptr : before->instance.get(),
                &instance);
  if (tags_changed || is_new) {
    next_.services_index_ = std::max(next_.services_index_, at);
    Changed(WatchKey::AllServices());
  }
  service->instances.Ensure(edit_, std::move(entry));
  service->health_index = std::max(service->health_index, at);
  if (part == Part::kCatalog) {
    service->catalog_index = std::max(service->catalog_index, at);
    next_.instances_index_ = std::max(next_.instances_index_, at);
    Changed(WatchKey::AllInstances());
  }
  if (part == Part::kOwnChecks) service->checks_index = std::max(service->checks_index, at);
}

void SnapshotBuilder::RemoveFromService(const Instance& instance) {
  ServiceEntry* service = EditService(instance.service);
  assert(service->instances.Find({instance.node, instance.id}) != nullptr);
  MoveInstance(&instance, nullptr);
  const bool tags_changed = CountTags(edit_, &service->tags, &instance, nullptr);
  service->instances.Erase(edit_, {instance.node, instance.id});
  next_.instances_index_ = index_;
  Changed(WatchKey::AllInstances());
  if (tags_changed || service->instances.empty()) {
    next_.services_index_ = index_;
    Changed(WatchKey::AllServices());
  }
  if (service->instances.empty()) {
    const Text name = service->name;
    open_service_ = nullptr;
    next_.services_.Erase(edit_, name);
    Bury(&next_.gone_services_, name);
    return;
  }
  service->catalog_index = service->health_index = service->checks_index = index_;
}

void SnapshotBuilder::Detach(NodeEntry* node, const Check& check, Index at) {
  if (check.service_id.empty()) {
    node->node_checks = Without(node->node_checks, check.check_id);
    RefreshLater(*node, Part::kNodeChecks);
  } else if (const InstanceEntry* before = node->instances.Find(check.service_id)) {
    InstanceEntry entry = *before;
    entry.checks = Without(entry.checks, check.check_id);
    PutEntry(node, std::move(entry), Part::kOwnChecks, at);
  }
}

void SnapshotBuilder::Attach(NodeEntry* node, const CheckEntry& check, Index at) {
  Ref<CheckEntry> shared(&check);
  if (check.check->service_id.empty()) {
    node->node_checks = With(node->node_checks, std::move(shared));
    RefreshLater(*node, Part::kNodeChecks);
  } else {
    InstanceEntry entry = *node->instances.Find(check.check->service_id);
    entry.checks = With(entry.checks, std::move(shared));
    PutEntry(node, std::move(entry), Part::kOwnChecks, at);
  }
}

void SnapshotBuilder::RemoveCheckFrom(NodeEntry* node, const CheckEntry& entry) {
  NoteCheck(node, *entry.check, index_);
  --CountOf(entry.check->status);
  Upkeep::Forget(entry);
  node->checks.Erase(edit_, entry.check->check_id);
  Detach(node, *entry.check, index_);
}

void SnapshotBuilder::NoteCheck(NodeEntry* node, const Check& check, Index at) {
  node->checks_index = std::max(node->checks_index, at);
  next_.checks_index_ = std::max(next_.checks_index_, at);
  Index& of_status = next_.status_index_[static_cast<size_t>(check.status)];
  of_status = std::max(of_status, at);
  Changed(WatchKey::AllChecks());
}

void SnapshotBuilder::Bury(Snapshot::Tombstones* stones, const Text& name) {
  if (stones->size() >= kMaxTombstones) {
    *stones = {};
    next_.absent_floor_ = index_;
  }
  stones->Ensure(edit_, Ref<Snapshot::Tombstone>(new Snapshot::Tombstone(name, index_)));
}

}  // namespace rollcall::catalog
