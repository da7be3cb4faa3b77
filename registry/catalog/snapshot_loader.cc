#include "registry/catalog/snapshot_loader.h"

#include <algorithm>
#include <map>
#include <optional>
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

// The part of a record's identity that tells it from others of its node; nodes have none.
std::string_view OwnKey(const Instance& instance) { return instance.id; }
std::string_view OwnKey(const Check& check) { return check.check_id; }
std::string_view OwnKey(const Coordinate& coordinate) { return coordinate.segment; }

int Compare(const Node& a, const Node& b) { return CompareIgnoreCase(a.name, b.name); }
template <typename Record>
int Compare(const Record& a, const Record& b) {
  const int by_node = CompareIgnoreCase(a.node, b.node);
  return by_node != 0 ? by_node : CompareIgnoreCase(OwnKey(a), OwnKey(b));
}

// In the order of their identities, each once: the last of those that share one. A store's records
// mostly come in that order.
template <typename Record>
void PutInOrder(std::vector<Ref<Counted<Record>>>* records) {
  const auto compare = [](const Record& a, const Record& b) { return Compare(a, b); };
  const auto is_less = [&](const auto& a, const auto& b) { return compare(*a, *b) < 0; };
  if (!std::is_sorted(records->begin(), records->end(), is_less)) {
    std::stable_sort(records->begin(), records->end(), is_less);
  }
  const auto first_kept =
      std::unique(records->rbegin(), records->rend(),
                  [&](const auto& a, const auto& b) { return compare(*a, *b) == 0; });
  records->erase(records->begin(), first_kept.base());
}

// Walks through the records of one kind, node by node.
template <typename Record>
class ByNode {
 public:
  explicit ByNode(const std::vector<Ref<Counted<Record>>>& records) : rest_(records) {}

  // Those of `node`, which comes after all that were asked for before.
  std::span<const Ref<Counted<Record>>> Take(std::string_view node) {
    while (!rest_.empty() && CompareIgnoreCase(rest_.front()->node, node) < 0) {
      rest_ = rest_.subspan(1);  // of a node that is not there
    }
    size_t count = 0;
    while (count < rest_.size() && EqualsIgnoreCase(rest_[count]->node, node)) ++count;
    const auto taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }

 private:
  std::span<const Ref<Counted<Record>>> rest_;
};

}  // namespace

// A service that is being put together.
struct SnapshotLoader::Service {
  Text name;                                  // of the first instance
  std::vector<Ref<InstanceEntry>> instances;  // by node, then by ID
  std::map<Text, size_t> tags;                // how many instances carry each
};

SnapshotLoader::SnapshotLoader(Upkeep* upkeep, model::ValuePool* pool)
    : upkeep_(upkeep), sharer_(pool) {}
SnapshotLoader::~SnapshotLoader() = default;

void SnapshotLoader::Add(const model::Mutation& record) {
  std::visit([this](const auto& one) { Take(one); }, record);
}

std::shared_ptr<const Snapshot> SnapshotLoader::Finish(Index index) {
  PutInOrder(&nodes_);
  PutInOrder(&instances_);
  PutInOrder(&checks_);
  PutInOrder(&coordinates_);
  // What was removed or changed status since a result's records were last written has left no
  // trace in them: the index that a client saw of the result may be as high as the last one.
  floor_ = std::max(index, Index(1));

  std::vector<Ref<NodeEntry>> nodes;
  nodes.reserve(nodes_.size());
  std::vector<Ref<CoordinateSet>> coordinates;
  std::vector<Ref<Snapshot::NodeById>> ids;
  ByNode<Instance> instances_by_node(instances_);
  ByNode<Check> checks_by_node(checks_);
  ByNode<Coordinate> coordinates_by_node(coordinates_);
  for (const auto& node : nodes_) {
    nodes.push_back(
        MakeNode(node, instances_by_node.Take(node->name), checks_by_node.Take(node->name)));
    const auto theirs = coordinates_by_node.Take(node->name);
    if (!theirs.empty()) coordinates.push_back(MakeCoordinates(theirs));
    if (!node->id.empty()) {
      ids.emplace_back(new Snapshot::NodeById(node->id, node->name));
    }
  }
  next_.nodes_ = Snapshot::Nodes::FromSorted(edit_, std::move(nodes));
  next_.coordinates_ = Snapshot::Coordinates::FromSorted(edit_, std::move(coordinates));
  for (auto& id : ids) next_.node_ids_.Ensure(edit_, std::move(id));
  next_.services_ = MakeServices();
  next_.addresses_ = AddressIndex::Of(edit_, std::move(addresses_));

  next_.index_ = index;
  next_.absent_floor_ = next_.nodes_index_ = next_.services_index_ = floor_;
  next_.instances_index_ = next_.checks_index_ = next_.coordinates_index_ = floor_;
  next_.status_index_.fill(floor_);
  return std::make_shared<const Snapshot>(std::move(next_));
}

Ref<NodeEntry> SnapshotLoader::MakeNode(const NodeRef& node, Range<Instance> instances,
                                        Range<Check> checks) {
  std::vector<Ref<CheckEntry>> all_checks;
  using Entries = std::vector<Ref<CheckEntry>>;
  Entries node_checks;
  std::vector<Entries> checks_of(instances.size());
  for (const auto& check : checks) {
    Entries* list = &node_checks;
    if (!check->service_id.empty()) {
      const auto of = std::lower_bound(
          instances.begin(), instances.end(), check->service_id,
          [](const auto& one, const auto& id) { return CompareIgnoreCase(one->id, id) < 0; });
      if (of == instances.end() || !EqualsIgnoreCase((*of)->id, check->service_id)) continue;
      list = &checks_of[static_cast<size_t>(of - instances.begin())];
    }
    all_checks.push_back(MakeCheck(check));
    list->push_back(all_checks.back());
  }

  const boost::intrusive_ptr<NodeEntry> entry(new NodeEntry);
  entry->node = node;
  entry->node_checks = std::move(node_checks);
  entry->catalog_index = entry->checks_index = floor_;
  entry->checks = CheckMap::FromSorted(edit_, std::move(all_checks));
  std::vector<Ref<InstanceEntry>> entries;
  entries.reserve(instances.size());
  for (size_t i = 0; i < instances.size(); ++i) {
    boost::intrusive_ptr<InstanceEntry> made(new InstanceEntry);
    made->node = node;
    made->instance = instances[i];
    made->node_checks = entry->node_checks;
    made->checks = std::move(checks_of[i]);
    made->status = WorstOf(made->node_checks, made->checks);
    entries.push_back(std::move(made));
    AddToService(entries.back());
  }
  next_.instance_count_ += entries.size();
  entry->instances = decltype(entry->instances)::FromSorted(edit_, std::move(entries));
  NoteAddress(node->address, AddressIndex::Kind::kNode, node->name);
  return entry;
}

Ref<CheckEntry> SnapshotLoader::MakeCheck(const CheckRef& check) {
  ++next_.check_count_[static_cast<size_t>(check->status)];
  return upkeep_ == nullptr ? Upkeep::EntryWithout(check) : upkeep_->EntryFor(check, nullptr);
}

void SnapshotLoader::AddToService(const Ref<InstanceEntry>& entry) {
  const Instance& instance = *entry->instance;
  Service*& known = services_by_text_[instance.service.identity()];
  if (known == nullptr) known = &services_[AsciiLower(instance.service)];
  Service& service = *known;
  if (service.instances.empty()) service.name = instance.service;
  service.instances.push_back(entry);
  for (const Text& tag : DistinctTags(instance)) ++service.tags[tag];
  NoteAddress(instance.address, AddressIndex::Kind::kService, instance.service);
}

void SnapshotLoader::NoteAddress(std::string_view address, AddressIndex::Kind kind,
                                 const Text& name) {
  if (const std::optional<IpAddress> parsed = ParseIpAddress(address)) {
    addresses_.emplace_back(new AddressIndex::Entry(*parsed, kind, name, 1));
  }
}

Ref<CoordinateSet> SnapshotLoader::MakeCoordinates(Range<Coordinate> coordinates) const {
  const boost::intrusive_ptr<CoordinateSet> set(new CoordinateSet);
  set->node = coordinates.back()->node;
  set->coordinates.assign(coordinates.begin(), coordinates.end());
  set->index = floor_;
  return set;
}

Snapshot::Services SnapshotLoader::MakeServices() {
  std::vector<Ref<ServiceEntry>> services;
  services.reserve(services_.size());
  for (auto& [lower_name, service] : services_) {
    std::vector<Ref<TagCount>> tags;
    tags.reserve(service.tags.size());
    for (const auto& [tag, count] : service.tags) {
      tags.emplace_back(new TagCount(tag, count));
    }
    boost::intrusive_ptr<ServiceEntry> entry(new ServiceEntry);
    entry->name = std::move(service.name);
    entry->instances = decltype(entry->instances)::FromSorted(edit_, std::move(service.instances));
    entry->tags = TagCounts::FromSorted(edit_, std::move(tags));
    entry->catalog_index = entry->health_index = entry->checks_index = floor_;
    services.push_back(std::move(entry));
  }
  std::sort(services.begin(), services.end(),
            [](const auto& a, const auto& b) { return CompareIgnoreCase(a->name, b->name) < 0; });
  return Snapshot::Services::FromSorted(edit_, std::move(services));
}

}  // namespace rollcall::catalog
