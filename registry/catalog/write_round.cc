#include "registry/catalog/write_round.h"

#include <algorithm>
#include <iterator>

#include "registry/catalog/resolve.h"
#include "registry/catalog/write_guard.h"

namespace rollcall::catalog {
namespace {

bool ContainsAny(const std::set<std::string>& set, const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(),
                     [&set](const std::string& name) { return set.contains(name); });
}

Error TooManyOperations(size_t operations, size_t most) {
  return InvalidArgument("this needs " + std::to_string(operations) +
                         " operations on the log at once, the most is " + std::to_string(most));
}

}  // namespace

WriteRound::WriteRound(const Snapshot& base, const NodeRevisions& revisions, model::ValuePool* pool,
                       Held held, Limits limits)
    : base_(base), limits_(limits), builder_(base_, revisions, pool), held_(std::move(held)) {}

void WriteRound::TakeFrom(std::deque<WaitingWrite>* waiting) {
  std::deque<WaitingWrite> left;
  while (!waiting->empty() && !is_full_) {
    if (!Take(&waiting->front())) left.push_back(std::move(waiting->front()));
    waiting->pop_front();
  }
  waiting->insert(waiting->begin(), std::make_move_iterator(left.begin()),
                  std::make_move_iterator(left.end()));
}

bool WriteRound::Take(WaitingWrite* each) {
  std::vector<std::string> concerned = NodesOf(each->pending.command, builder_.view());
  if (each->not_before > base_.index() || ContainsAny(held_.nodes, concerned) ||
      IsRemoved(concerned)) {
    return Hold(concerned);
  }
  if (each->pending.guard != nullptr) {
    switch (AskGuard(each->pending, concerned)) {
      case Guarded::kHolds:
        break;
      case Guarded::kAskLater:
        return Hold(concerned);
      case Guarded::kDoesNotHold:
        each->pending.guard->WillGiveBack();
        given_back.push_back(std::move(each->pending));
        return true;
    }
  }
  const Result<model::Transaction> resolved = Resolve(each->pending.command, builder_.view());
  if (!resolved) return Settle(each, resolved.error(), std::move(concerned));
  if (resolved->empty()) return Settle(each, {}, std::move(concerned));
  if (ContainsAny(held_.unverified, concerned)) return Hold(concerned);
  const size_t operations = builder_.OperationsWith(*resolved);
  if (operations > limits_.operations || commands.size() >= limits_.commands) {
    if (!empty()) {
      is_full_ = true;
      return Hold(concerned);
    }
    settled.push_back({std::move(*each), TooManyOperations(operations, limits_.operations)});
    return true;
  }
  builder_.Add(*resolved);
  nodes.insert(concerned.begin(), concerned.end());
  commands.push_back(std::move(*each));
  return true;
}

// A change of access control that came before and is under way counts already: once it has been
// answered, nothing that was asked for later may be carried out by the rights from before.
WriteRound::Guarded WriteRound::AskGuard(const Pending& pending,
                                         const std::vector<std::string>& concerned) const {
  if (held_.nodes.contains(kNodeOfAcl)) return Guarded::kAskLater;
  if (pending.guard->Holds(builder_.view(), pending.command)) return Guarded::kHolds;
  // What it found may be due to a command that has not been written yet.
  const bool is_of_round = nodes.contains(kNodeOfAcl) || ContainsAny(nodes, concerned);
  return is_of_round ? Guarded::kAskLater : Guarded::kDoesNotHold;
}

bool WriteRound::Hold(const std::vector<std::string>& concerned) {
  held_.nodes.insert(concerned.begin(), concerned.end());
  return false;
}

bool WriteRound::IsRemoved(const std::vector<std::string>& concerned) const {
  return std::any_of(concerned.begin(), concerned.end(),
                     [this](const std::string& node) { return builder_.Removes(node); });
}

bool WriteRound::Settle(WaitingWrite* each, Result<void> outcome,
                        std::vector<std::string> concerned) {
  // What it found may be due to a command that has not been written yet.
  if (ContainsAny(nodes, concerned)) return Hold(concerned);
  if (each->is_verified) {
    settled.push_back({std::move(*each), std::move(outcome)});
    return true;
  }
  held_.unverified.insert(concerned.begin(), concerned.end());
  unverified.push_back({std::move(*each), std::move(concerned)});
  return true;
}

}  // namespace rollcall::catalog
