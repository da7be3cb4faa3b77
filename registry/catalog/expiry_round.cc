#include "registry/catalog/expiry_round.h"

#include <utility>

#include "registry/base/ascii.h"
#include "registry/catalog/resolve.h"

namespace rollcall::catalog {

ExpiryRound::ExpiryRound(const Snapshot& base, const NodeRevisions& revisions,
                         model::ValuePool* pool, Upkeep* upkeep, std::set<std::string> held,
                         Clock::TimePoint now, Clock::TimePoint heard_until)
    : base_(base),
      upkeep_(upkeep),
      held_(std::move(held)),
      now_(now),
      heard_until_(heard_until),
      builder_(base_, revisions, pool) {}

void ExpiryRound::TakeFrom(Deadlines* passed, size_t max_operations) {
  Deadlines left;
  for (auto& deadline : *passed) {
    if (!Take(deadline, max_operations)) left.push_back(std::move(deadline));
  }
  *passed = std::move(left);
}

bool ExpiryRound::Take(const boost::intrusive_ptr<Deadline>& deadline, size_t max_operations) {
  const CheckEntry* entry = base_.FindCheck(deadline->node(), deadline->check_id());
  if (entry == nullptr || (entry->ttl != deadline && entry->reap != deadline)) return true;
  if (deadline->due() > now_) {
    upkeep_->FileAgain(deadline);  // renewed after it had passed
    return true;
  }
  std::string node = AsciiLower(deadline->node());
  // An entry that this round has changed has no deadlines yet.
  if (is_full_ || deadline->due() > heard_until_ || held_.contains(node) ||
      builder_.view().FindCheck(deadline->node(), deadline->check_id()) != entry) {
    return false;
  }
  const model::Transaction transaction = ResolveExpired(*deadline, now_, builder_.view());
  if (transaction.empty()) return true;
  if (builder_.OperationsWith(transaction) > max_operations) {
    is_full_ = true;
    return false;
  }
  builder_.Add(transaction);
  nodes.insert(std::move(node));
  tally.Add(deadline->kind(), transaction);
  expired.push_back(deadline);
  return true;
}

}  // namespace rollcall::catalog
