// WriteRound: makes one proposal of the commands that wait: of as many as can go together, and none
// before another one that concerns the same node.
// Belongs to the catalog's writer thread.
#pragma once

#include <deque>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "registry/catalog/proposal_builder.h"
#include "registry/catalog/waiting_write.h"

namespace rollcall::catalog {

class WriteRound {
 public:
  struct Limits {
    size_t operations;
    size_t commands;
  };
  // A command that writes nothing, or is refused, and has not been looked at with the log's head.
  struct Unverified {
    WaitingWrite command;
    std::vector<std::string> nodes;
  };
  // One that has: what it came to. Without an error: there is nothing to do.
  struct Settled {
    WaitingWrite command;
    Result<void> outcome;
  };

  // Nodes to which nothing may be written now.
  struct Held {
    std::set<std::string> nodes;
    // Those for which commands wait for the next look at the head: others may join them.
    std::set<std::string> unverified;
  };

  // All outlive the round.
  WriteRound(const Snapshot& base, const NodeRevisions& revisions, model::ValuePool* pool,
             Held held, Limits limits);

  // Takes what it can of `waiting`; what it leaves stays there, in its order.
  void TakeFrom(std::deque<WaitingWrite>* waiting);

  // Whether there is nothing to propose.
  bool empty() const { return commands.empty(); }
  store::Proposal Build() { return builder_.Finish(); }

  // What was taken. ----------------------------------------------------------------------------
  std::vector<WaitingWrite> commands;  // of the proposal
  std::set<std::string> nodes;         // that it concerns
  std::vector<Unverified> unverified;
  std::vector<Settled> settled;
  std::vector<Pending> given_back;  // whose guards do not hold on the base

 private:
  enum class Guarded { kHolds, kDoesNotHold, kAskLater };
  Guarded AskGuard(const Pending& pending, const std::vector<std::string>& concerned) const;
  // False: it stays, and so does all that follows it on its nodes.
  bool Take(WaitingWrite* each);
  bool Hold(const std::vector<std::string>& concerned);
  bool IsRemoved(const std::vector<std::string>& concerned) const;
  // A command that writes nothing.
  bool Settle(WaitingWrite* each, Result<void> outcome, std::vector<std::string> concerned);

  const Snapshot& base_;
  const Limits limits_;
  ProposalBuilder builder_;
  Held held_;
  bool is_full_ = false;
};

}  // namespace rollcall::catalog
