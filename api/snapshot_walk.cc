#include "api/snapshot_walk.h"

#include <algorithm>
#include <utility>

#include "api/local_node.h"
#include "registry/base/ascii.h"

namespace rollcall::api {
namespace {

using catalog::InstanceEntry;
using catalog::NodeEntry;
using catalog::Snapshot;
using store::Occurrence;

bool IsServer(const InstanceEntry& entry) {
  return IsServersOwn(*entry.instance) &&
         EqualsIgnoreCase(entry.instance->service, kServerServiceId);
}

size_t OwnChecksOf(const NodeEntry& node) {
  return static_cast<size_t>(
      std::count_if(node.node_checks.begin(), node.node_checks.end(),
                    [](const auto& entry) { return IsServersOwn(*entry->check); }));
}

}  // namespace

bool IsServersNode(const NodeEntry& node) {
  const InstanceEntry* entry = node.instances.Find(kServerServiceId);
  return entry != nullptr && IsServer(*entry);
}

bool HoldsOnlyServer(const NodeEntry& node, const Snapshot& snapshot) {
  return IsServersNode(node) && node.instances.size() == 1 &&
         node.node_checks.size() == OwnChecksOf(node) &&
         snapshot.FindCoordinates(node.node->name) == nullptr;
}

SnapshotWalk::SnapshotWalk(std::shared_ptr<const Snapshot> snapshot, size_t block_bytes)
    : snapshot_(std::move(snapshot)),
      block_bytes_(block_bytes),
      node_(snapshot_->nodes().begin()) {}

bool SnapshotWalk::Next(store::SnapshotBlock* block) {
  block->Clear();
  // A block does not lean on the ones before it.
  if (in_node_) block->Add(*node_->node, Occurrence::kAgain);
  if (in_instance_) block->Add(*instance_->instance, Occurrence::kAgain);
  while (!AtEnd() && (block->counts().total() == 0 || block->content().size() < block_bytes_)) {
    Step(block);
  }
  if (block->counts().total() == 0) block->Clear();
  return !block->empty();
}

void SnapshotWalk::Step(store::SnapshotBlock* block) {
  if (!in_node_) return BeginNode(block);
  if (node_check_ < node_->node_checks.size()) {
    const model::Check& check = *node_->node_checks[node_check_++]->check;
    if (!is_servers_ || !IsServersOwn(check)) block->Add(check);
    return;
  }
  if (instance_ != node_->instances.end()) return StepInstance(block);
  if (coordinates_ != nullptr && coordinate_ < coordinates_->coordinates.size()) {
    block->Add(*coordinates_->coordinates[coordinate_++]);
    return;
  }
  ++node_;
  in_node_ = false;
}

void SnapshotWalk::BeginNode(store::SnapshotBlock* block) {
  if (HoldsOnlyServer(*node_, *snapshot_)) {
    ++node_;
    return;
  }
  block->Add(*node_->node, Occurrence::kFirst);
  in_node_ = true;
  is_servers_ = IsServersNode(*node_);
  node_check_ = 0;
  instance_ = node_->instances.begin();
  coordinates_ = snapshot_->FindCoordinates(node_->node->name);
  coordinate_ = 0;
}

void SnapshotWalk::StepInstance(store::SnapshotBlock* block) {
  const InstanceEntry& entry = *instance_;
  if (!in_instance_ && !IsServer(entry)) {
    block->Add(*entry.instance, Occurrence::kFirst);
    in_instance_ = true;
    check_ = 0;
  } else if (in_instance_ && check_ < entry.checks.size()) {
    block->Add(*entry.checks[check_++]->check);
  } else {
    ++instance_;
    in_instance_ = false;
  }
}

store::RecordCounts SnapshotWalk::Expected() const {
  store::RecordCounts counts;
  counts.nodes = snapshot_->nodes().size();
  counts.instances = snapshot_->instance_count();
  for (const auto status : {model::CheckStatus::kPassing, model::CheckStatus::kWarning,
                            model::CheckStatus::kCritical}) {
    counts.checks += snapshot_->check_count(status);
  }
  const catalog::ServiceEntry* servers = snapshot_->FindService(kServerServiceId);
  if (servers == nullptr) return counts;
  for (const InstanceEntry& entry : servers->instances) {
    if (!IsServer(entry)) continue;
    const NodeEntry& node = *snapshot_->FindNode(entry.instance->node);
    --counts.instances;
    counts.checks -= entry.checks.size() + OwnChecksOf(node);
    if (HoldsOnlyServer(node, *snapshot_)) --counts.nodes;
  }
  return counts;
}

}  // namespace rollcall::api
