// A store that keeps its records in memory, and fails or waits when it is told to. What is
// committed outlives the MemoryStore object in its Disk, as on a disk. Any thread.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "registry/base/ascii.h"
#include "registry/store/store.h"
#include "tests/registry/store/record_chunks.h"

namespace rollcall::catalog {

class MemoryStore final : public store::Store {
 public:
  struct Disk {
    std::mutex mutex;
    std::condition_variable released;
    Index index;
    std::map<std::string, model::Mutation> records;  // by kind and identity
    std::vector<size_t> batch_sizes;
    bool fails = false;
    bool holds = false;  // commits wait until it is false
  };

  explicit MemoryStore(std::shared_ptr<Disk> disk) : disk_(std::move(disk)) {}

  Result<Index> Load(const ChunkSink& sink) override {
    const std::lock_guard lock(disk_->mutex);
    std::vector<model::Mutation> records;
    for (const auto& [key, record] : disk_->records) records.push_back(record);
    for (store::RecordChunk& chunk : store::ChunksOf(records, disk_->index, 100)) {
      if (!sink(std::move(chunk))) break;
    }
    return disk_->index;
  }

  Result<std::vector<Index>> Commit(std::span<const model::Transaction> batch) override {
    std::unique_lock lock(disk_->mutex);
    disk_->released.wait(lock, [this] { return !disk_->holds; });
    if (disk_->fails) return IoError("no space left on device");
    disk_->batch_sizes.push_back(batch.size());
    std::vector<Index> indexes;
    for (const model::Transaction& transaction : batch) {
      disk_->index = disk_->index.Next();
      for (const model::Mutation& mutation : transaction) {
        std::visit([this](const auto& m) { Do(m); }, mutation);
      }
      indexes.push_back(disk_->index);
    }
    return indexes;
  }

 private:
  static std::string Key(char kind, std::string_view node, std::string_view id = "") {
    return kind + AsciiLower(node) + '\n' + AsciiLower(id);
  }
  static std::string AclKey(model::AclKind kind, std::string_view id) {
    return Key('5', ToString(kind), id);
  }
  void Do(const model::PutNode& put) {
    disk_->records[Key('1', put.node->name)] =
        model::PutNode{std::make_shared<const model::Node>(model::Stamp(*put.node, disk_->index))};
  }
  void Do(const model::PutInstance& put) {
    disk_->records[Key('2', put.instance->node, put.instance->id)] = model::PutInstance{
        std::make_shared<const model::Instance>(model::Stamp(*put.instance, disk_->index))};
  }
  void Do(const model::PutCheck& put) {
    disk_->records[Key('3', put.check->node, put.check->check_id)] = model::PutCheck{
        std::make_shared<const model::Check>(model::Stamp(*put.check, disk_->index))};
  }
  void Do(const model::PutCoordinate& put) {
    disk_->records[Key('4', put.coordinate->node, put.coordinate->segment)] = model::PutCoordinate{
        std::make_shared<const model::Coordinate>(model::Stamp(*put.coordinate, disk_->index))};
  }
  void Do(const model::PutAcl& put) {
    disk_->records[AclKey(put.object->kind, put.object->id)] = model::PutAcl{
        std::make_shared<const model::AclObject>(model::Stamp(*put.object, disk_->index))};
  }
  void Do(const model::RemoveNode& m) { disk_->records.erase(Key('1', m.node)); }
  void Do(const model::RemoveInstance& m) { disk_->records.erase(Key('2', m.node, m.id)); }
  void Do(const model::RemoveCheck& m) { disk_->records.erase(Key('3', m.node, m.check_id)); }

  void Do(const model::RemoveCoordinate& m) { disk_->records.erase(Key('4', m.node, m.segment)); }
  void Do(const model::RemoveAcl& m) { disk_->records.erase(AclKey(m.kind, m.id)); }

  const std::shared_ptr<Disk> disk_;
};

}  // namespace rollcall::catalog
