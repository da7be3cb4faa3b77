// Upkeep: the deadlines that the registry keeps for its checks, so that the catalog stays true when
// nobody writes to it: a TTL check that is not renewed goes critical; what has been critical for
// longer than its DeregisterCriticalServiceAfter is deregistered.
//
// Belongs to the writer thread. Of a Deadline, any thread may call Renew.
#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "registry/base/clock.h"
#include "registry/catalog/deadline.h"
#include "registry/catalog/snapshot.h"
#include "registry/catalog/timer_wheel.h"

namespace rollcall::catalog {

class Upkeep {
 public:
  // The output of a check whose TTL has run out: Consul's words.
  static constexpr std::string_view kTtlExpired = "TTL expired";

  explicit Upkeep(const Clock& clock) : clock_(clock), wheel_(clock.Now()) {}

  // The entry of a check as it now is, with its deadlines: those of `before` (the same check until
  // now; null for a new one) as far as they still hold, renewed by the write, else new ones.
  Ref<CheckEntry> EntryFor(CheckRef check, const CheckEntry* before);
  // The same of a check that was loaded, with deadlines that are not kept yet. Any thread.
  static Ref<CheckEntry> EntryToAdopt(CheckRef check);
  // The entry of a check for which no deadlines are kept.
  static Ref<CheckEntry> EntryWithout(CheckRef check);
  // Keeps these, each for its whole duration from now on.
  void Adopt(std::vector<boost::intrusive_ptr<Deadline>> deadlines);

  // Drops the deadlines of an entry that leaves the catalog.
  static void Forget(const CheckEntry& entry);

  // The deadlines that have passed. The caller acts on those that an entry still points to, and
  // files again those that were renewed in the meantime.
  std::vector<boost::intrusive_ptr<Deadline>> TakeExpired();
  void FileAgain(const boost::intrusive_ptr<Deadline>& deadline) { wheel_.File(deadline); }

  // When TakeExpired should be called next at the latest.
  Clock::TimePoint NextWake() const { return wheel_.NextWake(); }

 private:
  const Clock& clock_;
  TimerWheel wheel_;
};

}  // namespace rollcall::catalog
