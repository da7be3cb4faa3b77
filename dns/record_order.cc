#include "dns/record_order.h"

#include <algorithm>
#include <functional>

namespace rollcall::dns {

RecordShares::RecordShares(size_t count, AnswerOrder order, std::vector<Member> members)
    : count_(count) {
  if (order == AnswerOrder::kStable) {
    members_ = std::move(members);
    return;
  }
  std::vector<uint64_t> weights(count);
  for (const Member& member : members) weights[member.record] += member.weight;
  groups_ = WeightGroups(weights);
}

void RecordOrder::Begin(const OrderChoice& choice, const RecordShares& shares) {
  order_ = choice.order;
  if (order_ == AnswerOrder::kRandom) return draw_.Begin(shares.groups_);
  arrivals_.clear();
  for (const RecordShares::Member& member : shares.members_) {
    arrivals_.emplace_back(StableArrival(choice.client, member.key, member.weight), member.record);
  }
  std::make_heap(arrivals_.begin(), arrivals_.end(), std::greater<>());
  given_.Clear(shares.count_);
}

uint32_t RecordOrder::Next() {
  if (order_ == AnswerOrder::kRandom) return draw_.Next();
  while (true) {
    std::pop_heap(arrivals_.begin(), arrivals_.end(), std::greater<>());
    const uint32_t record = arrivals_.back().second;
    arrivals_.pop_back();
    if (given_.Insert(record)) return record;
  }
}

}  // namespace rollcall::dns
