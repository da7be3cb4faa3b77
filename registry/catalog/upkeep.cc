#include "registry/catalog/upkeep.h"

#include <algorithm>

namespace rollcall::catalog {
namespace {

std::chrono::nanoseconds TtlOf(const model::Check& check) {
  return check.upkeep == nullptr ? std::chrono::nanoseconds(0) : check.upkeep->ttl;
}

// How long the check may stay critical; 0 while it is not, or when it may for ever.
std::chrono::nanoseconds ReapAfter(const model::Check& check) {
  if (check.upkeep == nullptr || check.status != model::CheckStatus::kCritical) {
    return std::chrono::nanoseconds(0);
  }
  return check.upkeep->deregister_critical_service_after;
}

void CancelIfSet(const boost::intrusive_ptr<Deadline>& deadline) {
  if (deadline != nullptr) deadline->Cancel();
}

}  // namespace

Ref<CheckEntry> Upkeep::EntryFor(CheckRef check, const CheckEntry* before) {
  const boost::intrusive_ptr<CheckEntry> entry(new CheckEntry);
  const auto now = clock_.Now();
  const auto keep_or_make =
      [&](Deadline::Kind kind, const boost::intrusive_ptr<Deadline>& old,
          std::chrono::nanoseconds duration) -> boost::intrusive_ptr<Deadline> {
    if (duration.count() <= 0) {
      CancelIfSet(old);
      return nullptr;
    }
    duration = std::min<std::chrono::nanoseconds>(duration, Deadline::kLongest);
    if (old != nullptr && old->duration() == duration) return old;
    CancelIfSet(old);
    const boost::intrusive_ptr<Deadline> made(new Deadline(kind, *check, now, duration));
    wheel_.File(made);
    return made;
  };
  const CheckEntry none;
  const CheckEntry& old = before == nullptr ? none : *before;
  entry->ttl = keep_or_make(Deadline::Kind::kTtl, old.ttl, TtlOf(*check));
  const bool is_expiry =
      check->status == model::CheckStatus::kCritical && check->output == kTtlExpired;
  if (entry->ttl != nullptr && !is_expiry) {
    // Any word from the check's owner is a sign of life; the expiry's own write is not.
    entry->ttl->Renew(now);
    wheel_.File(entry->ttl);
  }
  // Counted from when it went critical: later writes while it still is do not renew it.
  entry->reap = keep_or_make(Deadline::Kind::kReap, old.reap, ReapAfter(*check));
  entry->check = std::move(check);
  return entry;
}

Ref<CheckEntry> Upkeep::EntryToAdopt(CheckRef check) {
  const boost::intrusive_ptr<CheckEntry> entry(new CheckEntry);
  const auto make = [&](Deadline::Kind kind, std::chrono::nanoseconds duration) {
    return duration.count() <= 0 ? nullptr : new Deadline(kind, *check, {}, duration);
  };
  entry->ttl = make(Deadline::Kind::kTtl, TtlOf(*check));
  entry->reap = make(Deadline::Kind::kReap, ReapAfter(*check));
  entry->check = std::move(check);
  return entry;
}

Ref<CheckEntry> Upkeep::EntryWithout(CheckRef check) {
  const boost::intrusive_ptr<CheckEntry> entry(new CheckEntry);
  entry->check = std::move(check);
  return entry;
}

void Upkeep::Adopt(std::vector<boost::intrusive_ptr<Deadline>> deadlines) {
  const auto now = clock_.Now();
  for (boost::intrusive_ptr<Deadline>& deadline : deadlines) {
    deadline->Renew(now);
    wheel_.File(std::move(deadline));
  }
}

void Upkeep::Forget(const CheckEntry& entry) {
  CancelIfSet(entry.ttl);
  CancelIfSet(entry.reap);
}

std::vector<boost::intrusive_ptr<Deadline>> Upkeep::TakeExpired() {
  std::vector<boost::intrusive_ptr<Deadline>> expired;
  wheel_.Advance(clock_.Now(), [&expired](const TimerWheel::Pointer& entry) {
    expired.push_back(boost::static_pointer_cast<Deadline>(entry));
  });
  return expired;
}

}  // namespace rollcall::catalog
