// ExpiryDuty: which deadlines that have passed this server is to act on, among several servers.
// Only the one that owns expiry acts, and only on what cannot have been renewed at another one.
// Belongs to the catalog's writer thread.
#pragma once

#include <optional>
#include <vector>

#include "registry/base/clock.h"
#include "registry/catalog/expiry_round.h"
#include "registry/catalog/server_group.h"
#include "registry/catalog/snapshot.h"
#include "registry/catalog/upkeep.h"

namespace rollcall::catalog {

class ExpiryDuty {
 public:
  // Both outlive it.
  ExpiryDuty(const Clock& clock, Upkeep* upkeep) : clock_(clock), upkeep_(upkeep) {}

  // The group has become `now`. A server that has just become the owner, or one that is and has
  // lost another one, gives every check of `state` its whole TTL: what another server had heard and
  // not yet passed on is lost with it.
  void OnGroup(const GroupView& before, const GroupView& now, const Snapshot& state);
  bool is_owner() const { return heard_until_.has_value(); }

  // See SharedWriter::HeardUntil.
  void HeardUntil(Clock::TimePoint time);
  // Until when no other server can have heard anything that is not known here. Precondition: the
  // owner.
  Clock::TimePoint CertainUntil(const GroupView& group) const;

  // Takes what has passed from the upkeep.
  void Collect();
  // Whether there is something to do now.
  bool IsDue() const { return is_owner() && !expired_.empty() && clock_.Now() >= not_before_; }
  void GiveTo(ExpiryRound* round, size_t max_operations) {
    round->TakeFrom(&expired_, max_operations);
  }
  // These were not written: in a while.
  void Return(const std::vector<boost::intrusive_ptr<Deadline>>& expired);
  // Another state of the catalog has come, with deadlines of its own.
  void Forget() { expired_.clear(); }

  // When there may be something to do at the latest.
  Clock::TimePoint NextWake() const;

 private:
  void RenewAll(const Snapshot& state);

  const Clock& clock_;
  Upkeep* const upkeep_;
  ExpiryRound::Deadlines expired_;               // passed, and not yet acted on
  std::optional<Clock::TimePoint> heard_until_;  // since this server has owned expiry
  Clock::TimePoint not_before_;
};

}  // namespace rollcall::catalog
