// The order in which instances are given out: clients take the first record, or the first few.
//
//   random  drawn anew for each answer, in proportion to the weights: taking the first is a fair
//           weighted draw.
//   stable  each client has its own order, by weighted rendezvous hashing: its first few are its
//           subset of the service, which changes only where an instance in it comes or goes, or
//           a weight changes. Over all clients the weights hold as they do in random order.
#pragma once

#include <cstdint>
#include <vector>

#include "dns/options.h"
#include "dns/random.h"
#include "registry/base/ip_address.h"
#include "registry/catalog/snapshot.h"

namespace rollcall::dns {

// The weight of an instance in its present state, clamped to what SRV can say (RFC 2782).
uint16_t WeightOf(const catalog::InstanceEntry& entry);

// What stands for a client, and for an instance, in stable order: the same on every server and
// after every restart. An instance is its ID on its node, wherever that is reached.
uint64_t StableKeyOf(const IpAddress& client);
uint64_t StableKeyOf(const catalog::InstanceEntry& entry);

// When an instance comes in a client's order, which ascends; above kAfterAll for weight 0. These
// are exponential variates of rate `weight` (Wang and Ravishankar, Hash-based virtual hierarchies
// for scalable location service, 2001; Efraimidis and Spirakis, Weighted random sampling with a
// reservoir, 2006).
double StableArrival(uint64_t client, uint64_t instance, uint16_t weight);
inline constexpr double kAfterAll = 1000;

// How one answer is ordered.
struct OrderChoice {
  AnswerOrder order = AnswerOrder::kRandom;
  uint64_t client = 0;  // who asks: StableKeyOf
};

// Puts `instances` in order, one of a worker's: `random` is that worker's.
void PutInOrder(const OrderChoice& choice, Random* random,
                std::vector<const catalog::InstanceEntry*>* instances);

}  // namespace rollcall::dns
