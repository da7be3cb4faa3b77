#include "registry/catalog/snapshot_loader.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <functional>
#include <iterator>
#include <map>
#include <numeric>
#include <span>
#include <string>
#include <utility>

#include "registry/base/ascii.h"
#include "registry/catalog/derived.h"

namespace rollcall::catalog {
namespace {

using model::Instance;

// So many services are put together as one piece of work.
constexpr size_t kServicesOfPiece = 256;

// Reading a million instances from the store, which one thread does, took a fifth of the CPU time
// of the whole start: more helpers than four or five would wait.
constexpr size_t kMostHelpers = 7;

// By ID, each once: the last of those that share one.
std::vector<Ref<NodeById>> InOrder(std::vector<Ref<NodeById>> ids) {
  std::stable_sort(ids.begin(), ids.end(), [](const auto& a, const auto& b) {
    return CompareIgnoreCase(a->id, b->id) < 0;
  });
  const auto first_kept = std::unique(ids.rbegin(), ids.rend(), [](const auto& a, const auto& b) {
    return EqualsIgnoreCase(a->id, b->id);
  });
  ids.erase(ids.begin(), first_kept.base());
  return ids;
}

// Each tag of any of these, in order.
std::vector<Ref<TagCount>> CountTags(std::span<const Ref<InstanceEntry>> instances) {
  // Most instances of a service share one list of tags.
  std::vector<const Instance*> by_list;
  by_list.reserve(instances.size());
  for (const Ref<InstanceEntry>& entry : instances) by_list.push_back(entry->instance.get());
  const auto list_of = [](const Instance* instance) { return instance->tags.data(); };
  std::sort(by_list.begin(), by_list.end(), [&](const Instance* a, const Instance* b) {
    return std::less<>()(list_of(a), list_of(b));
  });
  std::map<Text, size_t> counts;
  for (auto first = by_list.begin(); first != by_list.end();) {
    const auto end = std::find_if(first, by_list.end(), [&](const Instance* other) {
      return list_of(other) != list_of(*first);
    });
    for (const Text& tag : DistinctTags(**first)) counts[tag] += static_cast<size_t>(end - first);
    first = end;
  }
  std::vector<Ref<TagCount>> tags;
  tags.reserve(counts.size());
  for (const auto& [tag, count] : counts) tags.emplace_back(new TagCount(tag, count));
  return tags;
}

}  // namespace

// Instances by service: a service is a number.
struct SnapshotLoader::Services {
  std::vector<Text> names;  // each of its first instance
  // The instances of service n are those from begins[n] to begins[n + 1], by node, then by ID.
  std::vector<size_t> begins;
  std::vector<Ref<InstanceEntry>> instances;

  std::span<const Ref<InstanceEntry>> Of(size_t number) const {
    return {instances.data() + begins[number], begins[number + 1] - begins[number]};
  }
};

SnapshotLoader::SnapshotLoader(model::ValuePool* pool, size_t helpers)
    : pool_(pool), crew_(helpers) {}

size_t SnapshotLoader::UsefulHelpers() { return WorkCrew::OtherCores(kMostHelpers); }

bool SnapshotLoader::Add(store::RecordChunk chunk) noexcept {
  if (failed_) return false;
  Part* const part = &parts_.emplace_back();
  crew_.Do([this, part, shared = std::make_shared<const store::RecordChunk>(std::move(chunk))] {
    Assemble(*shared, part);
  });
  return !failed_;
}

void SnapshotLoader::Assemble(const store::RecordChunk& chunk, Part* part) {
  std::unique_ptr<NodeAssembler> assembler;
  if (auto idle = idle_.Lock(); !idle->empty()) {
    assembler = std::move(idle->back());
    idle->pop_back();
  }
  if (assembler == nullptr) {
    assembler = std::make_unique<NodeAssembler>(pool_, &pool_mutex_, edit_);
  }
  part->emplace(assembler->Assemble(chunk));
  if (!**part) failed_ = true;
  idle_.Lock()->push_back(std::move(assembler));
}

template <typename Kind>
std::vector<Kind> SnapshotLoader::TakeAll(std::vector<Kind> AssembledNodes::*kind) {
  size_t size = 0;
  for (Part& part : parts_) size += ((**part).*kind).size();
  std::vector<Kind> all;
  all.reserve(size);
  for (Part& part : parts_) {
    std::vector<Kind> some = std::move((**part).*kind);
    std::move(some.begin(), some.end(), std::back_inserter(all));
  }
  return all;
}

Result<SnapshotLoader::Loaded> SnapshotLoader::Finish(Index index) noexcept {
  crew_.Wait();
  idle_.Lock()->clear();
  for (const Part& part : parts_) {
    if (!*part) return part->error();
  }
  floor_ = std::max(index, Index(1));  // see NodeAssembler
  Snapshot next;
  crew_.Do([&] {
    next.nodes_ = Snapshot::Nodes::FromSorted(edit_, TakeAll(&AssembledNodes::nodes));
    next.coordinates_ =
        Snapshot::Coordinates::FromSorted(edit_, TakeAll(&AssembledNodes::coordinates));
    next.acl_ = AclOf(TakeAll(&AssembledNodes::acl));
    next.node_ids_ =
        decltype(next.node_ids_)::FromSorted(edit_, InOrder(TakeAll(&AssembledNodes::ids)));
  });
  crew_.Do([&] { next.addresses_ = AddressIndex::Of(edit_, TakeAll(&AssembledNodes::addresses)); });

  for (const Part& part : parts_) {
    const AssembledNodes& nodes = **part;
    next.instance_count_ += nodes.instances.size();
    for (size_t i = 0; i < nodes.check_count.size(); ++i) {
      next.check_count_[i] += nodes.check_count[i];
    }
  }
  const Services services = GroupByService();
  std::vector<size_t> order(services.names.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return CompareIgnoreCase(services.names[a], services.names[b]) < 0;
  });
  std::vector<Ref<ServiceEntry>> entries(order.size());
  for (size_t begin = 0; begin < order.size(); begin += kServicesOfPiece) {
    crew_.Do([this, &services, &order, &entries, begin] {
      const size_t end = std::min(begin + kServicesOfPiece, order.size());
      for (size_t i = begin; i < end; ++i) entries[i] = MakeService(services, order[i]);
    });
  }
  crew_.Wait();
  next.services_ = Snapshot::Services::FromSorted(edit_, std::move(entries));

  next.index_ = index;
  next.absent_floor_ = next.nodes_index_ = next.services_index_ = floor_;
  next.instances_index_ = next.checks_index_ = next.coordinates_index_ = floor_;
  next.acl_index_ = floor_;
  next.acl_edition_ = Edition::Next();
  next.status_index_.fill(floor_);
  return Loaded{std::make_shared<const Snapshot>(std::move(next)),
                TakeAll(&AssembledNodes::deadlines)};
}

// Their keys come in another order: by the names of the kinds.
Snapshot::Acl SnapshotLoader::AclOf(std::vector<AclRef> objects) const {
  Snapshot::Acl acl;
  for (AclRef& each : objects) acl.Ensure(edit_, std::move(each));
  return acl;
}

SnapshotLoader::Services SnapshotLoader::GroupByService() {
  std::vector<AssembledNodes::OfService> instances = TakeAll(&AssembledNodes::instances);
  Services services;
  std::vector<size_t> numbers;  // of each instance's service
  numbers.reserve(instances.size());
  std::vector<size_t> sizes;
  boost::unordered_flat_map<const void*, size_t> by_text;
  boost::unordered_flat_map<std::string, size_t> by_name;
  for (const auto& [name, entry] : instances) {
    const auto [known, is_new_text] = by_text.emplace(name, services.names.size());
    if (is_new_text) {
      const Text& text = entry->instance->service;
      const auto [same, is_new_name] = by_name.emplace(AsciiLower(text), services.names.size());
      known->second = same->second;
      if (is_new_name) {
        services.names.push_back(text);
        sizes.push_back(0);
      }
    }
    numbers.push_back(known->second);
    ++sizes[known->second];
  }
  services.begins.resize(sizes.size() + 1);
  std::partial_sum(sizes.begin(), sizes.end(), services.begins.begin() + 1);
  services.instances.resize(instances.size());
  std::vector<size_t> next(services.begins.begin(), services.begins.end() - 1);
  for (size_t i = 0; i < instances.size(); ++i) {
    services.instances[next[numbers[i]]++] = std::move(instances[i].instance);
  }
  return services;
}

Ref<ServiceEntry> SnapshotLoader::MakeService(const Services& services, size_t number) const {
  const std::span<const Ref<InstanceEntry>> instances = services.Of(number);
  const boost::intrusive_ptr<ServiceEntry> entry(new ServiceEntry);
  entry->name = services.names[number];
  entry->instances =
      decltype(entry->instances)::FromSorted(edit_, {instances.begin(), instances.end()});
  entry->tags = TagCounts::FromSorted(edit_, CountTags(instances));
  entry->catalog_index = entry->health_index = entry->checks_index = floor_;
  return entry;
}

}  // namespace rollcall::catalog
