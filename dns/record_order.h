// RecordOrder: in what order the records of a prepared service are given out. Each comes once, at
// the place of the first of the instances behind it. One worker's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "dns/mark_set.h"
#include "dns/order.h"
#include "dns/random.h"
#include "dns/weighted_draw.h"

namespace rollcall::dns {

// The instances behind a list of records, as each order needs them. Immutable: any thread.
class RecordShares {
 public:
  // An instance: in stable order its key, its weight, and the record that it is behind.
  struct Member {
    uint64_t key;
    uint32_t record;
    uint16_t weight;
  };

  RecordShares() = default;
  // For `count` records. In random order their members weigh together, so that none are kept.
  RecordShares(size_t count, AnswerOrder order, std::vector<Member> members);

 private:
  friend class RecordOrder;
  size_t count_ = 0;
  WeightGroups groups_;          // of random order
  std::vector<Member> members_;  // of stable order
};

class RecordOrder {
 public:
  // `random` outlives this.
  explicit RecordOrder(Random* random) : draw_(random) {}

  // Begins to order one answer's records; `shares`, made for the same order, outlives that. A
  // random order costs nothing here, a stable one a hash for each instance.
  void Begin(const OrderChoice& choice, const RecordShares& shares);
  // The index of the next record. Precondition: not all have been given out.
  uint32_t Next();

 private:
  AnswerOrder order_ = AnswerOrder::kRandom;
  WeightedDraw draw_;
  std::vector<std::pair<double, uint32_t>> arrivals_;  // a heap, the earliest at its top
  MarkSet given_;
};

}  // namespace rollcall::dns
