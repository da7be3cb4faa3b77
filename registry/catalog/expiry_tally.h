// ExpiryTally: how much the registry has done by itself, for the counters once it is written.
// A plain value.
#pragma once

#include <cstdint>
#include <variant>

#include "registry/catalog/counters.h"
#include "registry/catalog/deadline.h"
#include "registry/model/mutation.h"

namespace rollcall::catalog {

struct ExpiryTally {
  uint64_t checks = 0;
  uint64_t instances = 0;
  uint64_t nodes = 0;

  // What a deadline of this kind has done.
  void Add(Deadline::Kind kind, const model::Transaction& transaction) {
    if (kind == Deadline::Kind::kTtl) {
      ++checks;
      return;
    }
    for (const model::Mutation& mutation : transaction) {
      if (std::holds_alternative<model::RemoveNode>(mutation)) ++nodes;
      if (std::holds_alternative<model::RemoveInstance>(mutation)) ++instances;
    }
  }

  void AddTo(Counters* counters) const {
    counters->ttl_expiries.Add(checks);
    counters->instances_reaped.Add(instances);
    counters->nodes_reaped.Add(nodes);
  }
};

}  // namespace rollcall::catalog
