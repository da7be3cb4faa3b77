// Counters: what the catalog's writer has done since it started. Counted on the writer's thread,
// read by any.
#pragma once

#include "registry/base/counter.h"

namespace rollcall::catalog {

struct Counters {
  // Commands by what became of them: committed, answered without a write because the catalog said
  // so already, refused.
  Counter commands_committed;
  Counter commands_unchanged;
  Counter commands_refused;
  // Batches made durable, and how long each took in the store.
  LatencyHistogram commit_latency;
  // Done by the registry itself.
  Counter ttl_expiries;      // checks that went critical because nobody renewed them
  Counter instances_reaped;  // deregistered after a time in critical, those of reaped nodes too
  Counter nodes_reaped;
};

}  // namespace rollcall::catalog
