// Publisher: hands each new snapshot to those who read and to those who listen.
// snapshots() is for any thread; the rest belongs to the catalog's writer thread.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "registry/catalog/snapshot.h"
#include "registry/catalog/snapshot_holder.h"
#include "registry/catalog/watch.h"

namespace rollcall::catalog {

class Publisher {
 public:
  Publisher() : current_(snapshots_.Get()) {}

  // The newest one.
  const std::shared_ptr<const Snapshot>& current() const { return current_; }

  // `keys`: of what has changed in it since the one before, sorted, each once.
  void Publish(std::shared_ptr<const Snapshot> snapshot, std::vector<WatchKey> keys) {
    current_ = std::move(snapshot);
    snapshots_.Publish(current_);
    if (listeners_.empty()) return;
    const auto changes = std::make_shared<const ChangeSet>(ChangeSet{current_, std::move(keys)});
    for (ChangeListener* listener : listeners_) listener->OnChange(changes);
  }

  void Add(ChangeListener* listener) { listeners_.push_back(listener); }
  void Remove(ChangeListener* listener) { std::erase(listeners_, listener); }

  const SnapshotHolder& snapshots() const { return snapshots_; }

 private:
  SnapshotHolder snapshots_;
  std::shared_ptr<const Snapshot> current_;
  std::vector<ChangeListener*> listeners_;
};

}  // namespace rollcall::catalog
