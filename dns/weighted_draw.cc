#include "dns/weighted_draw.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <numeric>
#include <utility>

namespace rollcall::dns {

WeightGroups::WeightGroups(std::span<const uint64_t> weights) {
  items_.reserve(weights.size());
  for (size_t i = 0; i < weights.size(); ++i) {
    items_.push_back({weights[i], static_cast<uint32_t>(i)});
  }
  std::sort(items_.begin(), items_.end(), [](const Item& a, const Item& b) {
    return std::pair(b.weight, a.index) < std::pair(a.weight, b.index);
  });
  for (size_t i = 0; i < items_.size(); ++i) {
    const uint64_t weight = items_[i].weight;
    if (groups_.empty() || std::bit_width(groups_.back().heaviest) != std::bit_width(weight)) {
      groups_.push_back({static_cast<uint32_t>(i), static_cast<uint32_t>(i), weight, weight, 0});
    }
    Group& group = groups_.back();
    ++group.end;
    group.lightest = weight;
    group.sum += weight;
  }
}

void WeightedDraw::Begin(const WeightGroups& groups) {
  for (; !swaps_.empty(); swaps_.pop_back()) {
    std::swap(places_[swaps_.back().a], places_[swaps_.back().b]);
  }
  if (const size_t known = places_.size(); known < groups.size()) {
    swaps_.reserve(groups.size());
    places_.resize(groups.size());
    std::iota(places_.begin() + static_cast<std::ptrdiff_t>(known), places_.end(),
              static_cast<uint32_t>(known));
  }
  remainders_.clear();
  for (const WeightGroups::Group& group : groups.groups_) {
    remainders_.push_back({group.begin, group.end, group.sum});
  }
  first_ = 0;
  groups_ = &groups;
}

uint32_t WeightedDraw::Next() {
  while (remainders_[first_].begin == remainders_[first_].end) {
    ++first_;
    assert(first_ < remainders_.size());
  }
  const size_t group = PickGroup();
  const WeightGroups::Item& item = groups_->items_[PickFrom(group)];
  remainders_[group].sum -= item.weight;
  return item.index;
}

size_t WeightedDraw::PickGroup() {
  if (first_ + 1 == remainders_.size()) return first_;
  uint64_t sum = 0;
  for (size_t i = first_; i < remainders_.size(); ++i) sum += remainders_[i].sum;
  if (sum == 0) return first_;  // only those of weight 0 are left
  uint64_t at = DrawBelow(sum, random_);
  size_t group = first_;
  while (at >= remainders_[group].sum) at -= remainders_[group++].sum;
  return group;
}

uint32_t WeightedDraw::PickFrom(size_t group) {
  const WeightGroups::Group& all = groups_->groups_[group];
  Remainder& left = remainders_[group];
  while (true) {
    const uint32_t place =
        left.begin + static_cast<uint32_t>(DrawBelow(left.end - left.begin, random_));
    const uint32_t picked = places_[place];
    if (all.lightest != all.heaviest &&
        DrawBelow(all.heaviest, random_) >= groups_->items_[picked].weight) {
      continue;
    }
    std::swap(places_[place], places_[left.begin]);
    swaps_.push_back({place, left.begin});
    ++left.begin;
    return picked;
  }
}

}  // namespace rollcall::dns
