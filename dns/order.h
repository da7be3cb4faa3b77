// The order in which instances are given out: drawn anew for each answer, so that clients that take
// the first record spread over all of them.
// Not synchronised: one per worker.
#pragma once

#include <cstdint>
#include <vector>

#include "dns/random.h"
#include "registry/catalog/snapshot.h"

namespace rollcall::dns {

// The weight of an instance in its present state, clamped to what SRV can say (RFC 2782).
uint16_t WeightOf(const catalog::InstanceEntry& entry);

// Puts `instances` in random order, drawn without replacement in proportion to their weights, so
// that taking the first is a fair weighted draw. Those of weight 0 come after all others.
void DrawOrder(std::vector<const catalog::InstanceEntry*>* instances, Random* random);

}  // namespace rollcall::dns
