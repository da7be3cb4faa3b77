// SnapshotHolder: where the writer puts the current snapshot and the readers find it.
// SnapshotReader: one thread's own reference to it, renewed when the generation has moved. A read
// costs one atomic load while nothing has changed (the idea of dnsdist's LocalStateHolder;
// std::atomic<std::shared_ptr> is a spin lock in gcc 12).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "registry/catalog/snapshot.h"

namespace rollcall::catalog {

// Any thread.
class SnapshotHolder {
 public:
  SnapshotHolder() : snapshot_(std::make_shared<const Snapshot>()) {}

  void Publish(std::shared_ptr<const Snapshot> snapshot) {
    {
      const std::lock_guard lock(mutex_);
      snapshot_.swap(snapshot);
      generation_.fetch_add(1, std::memory_order_release);
    }
    // The old snapshot, if this was its last reference, is freed here, outside of the lock.
  }

  uint64_t generation() const { return generation_.load(std::memory_order_acquire); }

  // The current snapshot and its generation.
  std::shared_ptr<const Snapshot> Get(uint64_t* generation) const {
    const std::lock_guard lock(mutex_);
    *generation = generation_.load(std::memory_order_relaxed);
    return snapshot_;
  }
  std::shared_ptr<const Snapshot> Get() const {
    uint64_t generation;
    return Get(&generation);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Snapshot> snapshot_;  // guarded by mutex_
  std::atomic<uint64_t> generation_{1};
};

// One thread's.
class SnapshotReader {
 public:
  // The holder must outlive the reader.
  explicit SnapshotReader(const SnapshotHolder& holder) : holder_(holder) {}

  // The current snapshot; the reference stays valid until the next call.
  const std::shared_ptr<const Snapshot>& Current() {
    if (holder_.generation() != generation_) snapshot_ = holder_.Get(&generation_);
    return snapshot_;
  }

 private:
  const SnapshotHolder& holder_;
  std::shared_ptr<const Snapshot> snapshot_;
  uint64_t generation_ = 0;
};

}  // namespace rollcall::catalog
