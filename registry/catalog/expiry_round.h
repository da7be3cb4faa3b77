// ExpiryRound: makes one proposal of what the deadlines that have passed have to do: of as many as
// can go together now.
// Belongs to the catalog's writer thread.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <deque>
#include <set>
#include <string>
#include <vector>

#include "registry/base/clock.h"
#include "registry/catalog/expiry_tally.h"
#include "registry/catalog/proposal_builder.h"
#include "registry/catalog/upkeep.h"

namespace rollcall::catalog {

class ExpiryRound {
 public:
  using Deadlines = std::deque<boost::intrusive_ptr<Deadline>>;

  // All outlive the round. Nothing may be written to the nodes `held` now; what was due later than
  // `heard_until` may have been renewed at another server.
  ExpiryRound(const Snapshot& base, const NodeRevisions& revisions, model::ValuePool* pool,
              Upkeep* upkeep, std::set<std::string> held, Clock::TimePoint now,
              Clock::TimePoint heard_until);

  // Takes what it can of `passed`, and what means nothing any more; the others stay.
  void TakeFrom(Deadlines* passed, size_t max_operations);

  // Whether there is nothing to propose.
  bool empty() const { return expired.empty(); }
  store::Proposal Build() { return builder_.Finish(); }

  // What was taken. ----------------------------------------------------------------------------
  std::vector<boost::intrusive_ptr<Deadline>> expired;
  std::set<std::string> nodes;  // that the proposal concerns
  ExpiryTally tally;

 private:
  // False: it stays for another time.
  bool Take(const boost::intrusive_ptr<Deadline>& deadline, size_t max_operations);

  const Snapshot& base_;
  Upkeep* const upkeep_;
  const std::set<std::string> held_;
  const Clock::TimePoint now_;
  const Clock::TimePoint heard_until_;
  ProposalBuilder builder_;
  bool is_full_ = false;
};

}  // namespace rollcall::catalog
