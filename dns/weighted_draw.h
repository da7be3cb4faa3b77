// Drawing without replacement in proportion to weights, at a cost of what is drawn and not of what
// is there to draw from: of a service of thousands a datagram takes a few.
//
// Items are kept in groups of weights within a factor of two. A draw picks a group in proportion to
// what is left of its weight, then one of its items with equal chances, which it takes with the
// chance weight / heaviest of the group (so at least every second time) and else picks again. That
// is the same distribution as drawing from all remaining items in proportion to their weights.
// Picking is a shuffle (Fisher and Yates) that is done as far as needed and then undone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "dns/random.h"

namespace rollcall::dns {

// The weights of items 0, 1, 2... Immutable after construction: any thread.
class WeightGroups {
 public:
  WeightGroups() = default;
  explicit WeightGroups(std::span<const uint64_t> weights);

  size_t size() const { return items_.size(); }

 private:
  friend class WeightedDraw;

  struct Group {
    uint32_t begin = 0;  // its items are items_[begin, end)
    uint32_t end = 0;
    uint64_t lightest = 0;
    uint64_t heaviest = 0;
    uint64_t sum = 0;
  };
  struct Item {
    uint64_t weight;
    uint32_t index;
  };

  std::vector<Item> items_;
  std::vector<Group> groups_;  // the heaviest first; those of weight 0 last
};

// One worker's: holds the memory that draws need, so that after the first one from a list of some
// size, none from a list up to that size allocates.
class WeightedDraw {
 public:
  // `random` outlives this.
  explicit WeightedDraw(Random* random) : random_(random) {}

  // Begins to draw from `groups`, which outlives that. Ends an earlier draw.
  void Begin(const WeightGroups& groups);
  // The index of the next item: every one comes once, those of weight 0 after all others.
  // Precondition: fewer than groups.size() have been drawn.
  uint32_t Next();

 private:
  struct Remainder {
    uint32_t begin;  // items [begin, end) are left
    uint32_t end;
    uint64_t sum;
  };
  struct Swap {
    uint32_t a;
    uint32_t b;
  };

  size_t PickGroup();
  uint32_t PickFrom(size_t group);

  Random* const random_;
  const WeightGroups* groups_ = nullptr;
  std::vector<Remainder> remainders_;  // of each group
  size_t first_ = 0;                   // the first group that is not used up
  // places_[i] is the item that stands at place i: i itself, but for the swaps of this draw.
  std::vector<uint32_t> places_;
  std::vector<Swap> swaps_;
};

}  // namespace rollcall::dns
