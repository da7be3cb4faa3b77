// ProposalsInFlight: what a server has proposed to a shared log and has not seen come back yet.
// Belongs to the catalog's writer thread.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "registry/base/clock.h"
#include "registry/catalog/deadline.h"
#include "registry/catalog/expiry_tally.h"
#include "registry/catalog/waiting_write.h"
#include "registry/store/shared_log.h"

namespace rollcall::catalog {

struct ProposalInFlight {
  std::vector<WaitingWrite> commands;
  std::vector<boost::intrusive_ptr<Deadline>> expired;  // acted on
  ExpiryTally tally;                                    // what those did
  std::set<std::string> nodes;
  Clock::TimePoint began;
  uint64_t fence = 0;                    // that it was proposed under
  std::optional<Clock::TimePoint> lost;  // since when nothing is known of it
};

class ProposalsInFlight {
 public:
  using Id = store::ProposalId;

  size_t size() const { return proposals_.size(); }
  void Add(Id id, ProposalInFlight proposal) { proposals_.emplace(id, std::move(proposal)); }
  // No answer has come to it.
  void Lose(Id id, Clock::TimePoint now);

  // Takes it out, if it is here.
  std::optional<ProposalInFlight> Take(Id id);
  // Those that were proposed under a lower fence.
  std::vector<ProposalInFlight> TakeBelow(uint64_t fence);
  std::vector<ProposalInFlight> TakeAll();
  // The commands whose clients do not wait any longer. Their proposals stay.
  std::vector<WaitingWrite> TakeLate(Clock::TimePoint now);

  bool Contains(Id id) const { return proposals_.contains(id); }
  // Whether there is one of which nothing has been known since before that time.
  bool HasLostBefore(Clock::TimePoint time) const;
  bool HasExpiries() const;
  // Of all of them.
  std::set<std::string> Nodes() const;
  // When a client will not wait any longer; max() when there is none.
  Clock::TimePoint NextGiveUp() const;

 private:
  std::map<Id, ProposalInFlight> proposals_;
};

}  // namespace rollcall::catalog
