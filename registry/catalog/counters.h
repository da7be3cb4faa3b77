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

  // Of a log that is shared. What became of proposals to change the catalog; one that is unknown
  // may turn out to have been committed, and counts again then.
  Counter proposals_committed;
  Counter proposals_conflicting;
  Counter proposals_refused;
  Counter proposals_unknown;
  Gauge proposals_in_flight;
  Counter reloads;  // the whole log was read anew
};

}  // namespace rollcall::catalog
