#include "registry/catalog/expiry_duty.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace rollcall::catalog {
namespace {

// Until expiries that were not written are tried again.
constexpr std::chrono::milliseconds kPause{100};

}  // namespace

void ExpiryDuty::OnGroup(const GroupView& before, const GroupView& now, const Snapshot& state) {
  if (!now.is_owner()) {
    heard_until_.reset();
    expired_.clear();
  } else if (now.owner != before.owner || HasLostHeartbeats(before, now)) {
    RenewAll(state);
    heard_until_ = clock_.Now();
  }
}

void ExpiryDuty::RenewAll(const Snapshot& state) {
  expired_.clear();
  std::vector<boost::intrusive_ptr<Deadline>> deadlines;
  for (const NodeEntry& node : state.nodes()) {
    for (const CheckEntry& entry : node.checks) {
      if (entry.ttl != nullptr) deadlines.push_back(entry.ttl);
      if (entry.reap != nullptr) deadlines.push_back(entry.reap);
    }
  }
  upkeep_->Adopt(std::move(deadlines));
}

void ExpiryDuty::HeardUntil(Clock::TimePoint time) {
  if (heard_until_) heard_until_ = std::max(*heard_until_, time);
}

Clock::TimePoint ExpiryDuty::CertainUntil(const GroupView& group) const {
  const bool is_alone =
      std::none_of(group.servers.begin(), group.servers.end(), [&group](const auto& server) {
        return server.first != group.self && group.IsActive(server.first);
      });
  return is_alone ? clock_.Now() : *heard_until_;
}

void ExpiryDuty::Collect() {
  auto passed = upkeep_->TakeExpired();
  if (!is_owner()) return;  // another server acts on them
  std::move(passed.begin(), passed.end(), std::back_inserter(expired_));
}

void ExpiryDuty::Return(const std::vector<boost::intrusive_ptr<Deadline>>& expired) {
  if (!is_owner() || expired.empty()) return;
  expired_.insert(expired_.end(), expired.begin(), expired.end());
  not_before_ = clock_.Now() + kPause;
}

Clock::TimePoint ExpiryDuty::NextWake() const {
  Clock::TimePoint next = upkeep_->NextWake();
  if (!expired_.empty() && not_before_ > clock_.Now()) next = std::min(next, not_before_);
  return next;
}

}  // namespace rollcall::catalog
