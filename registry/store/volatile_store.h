// VolatileStore: numbers transactions and keeps nothing. For `rollcall server --dev`: a restart
// begins with an empty catalog, and no commit waits for a disk.
// Threads as store.h says: one at a time.
#pragma once

#include <span>
#include <vector>

#include "registry/store/store.h"

namespace rollcall::store {

class VolatileStore final : public Store {
 public:
  Result<Index> Load(const ChunkSink& /*sink*/) override { return last_index_; }

  Result<std::vector<Index>> Commit(std::span<const model::Transaction> batch) override {
    std::vector<Index> indexes;
    indexes.reserve(batch.size());
    for (size_t i = 0; i < batch.size(); ++i) {
      last_index_ = last_index_.Next();
      indexes.push_back(last_index_);
    }
    return indexes;
  }

 private:
  Index last_index_;
};

}  // namespace rollcall::store
