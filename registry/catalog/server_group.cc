#include "registry/catalog/server_group.h"

#include <algorithm>
#include <array>
#include <utility>

namespace rollcall::catalog {

using store::Condition;
using store::Operation;

namespace {

// In the order of HeartbeatDuty.
constexpr std::array<std::string_view, 3> kDuties = {"apart", "active", "left"};

}  // namespace

std::string GroupMember::ToValue() const {
  return std::string(kDuties.at(static_cast<size_t>(duty))) + " " + about;
}

GroupMember GroupMember::FromValue(std::string_view value) {
  GroupMember member;
  const std::string_view word = value.substr(0, value.find(' '));
  const auto known = std::find(kDuties.begin(), kDuties.end(), word);
  // What a newer server may say: nothing can be lost that it is not waited for.
  member.duty = known == kDuties.end() ? HeartbeatDuty::kActive
                                       : static_cast<HeartbeatDuty>(known - kDuties.begin());
  value.remove_prefix(std::min(value.size(), word.size() + 1));
  member.about = value;
  return member;
}

bool GroupView::IsActive(const std::string& id) const {
  const auto server = servers.find(id);
  return server != servers.end() && server->second.duty == HeartbeatDuty::kActive;
}

bool HasLostHeartbeats(const GroupView& before, const GroupView& now) {
  return std::any_of(before.servers.begin(), before.servers.end(), [&](const auto& server) {
    if (server.second.duty != HeartbeatDuty::kActive) return false;
    const auto later = now.servers.find(server.first);
    return later == now.servers.end() || later->second.duty == HeartbeatDuty::kApart;
  });
}

ServerGroup::ServerGroup(std::string id, Propose propose) : propose_(std::move(propose)) {
  view_.self = std::move(id);
}

void ServerGroup::Announce(std::string about) {
  self_ = GroupMember{HeartbeatDuty::kApart, std::move(about)};
  Assert();
}

void ServerGroup::SetDuty(HeartbeatDuty duty) {
  if (!self_ || self_->duty == duty) return;
  self_->duty = duty;
  Assert();
}

bool ServerGroup::IsOwn(std::string_view key) {
  return key == kOwnerKey || key.starts_with(kServerKeys);
}

void ServerGroup::Load(const std::map<std::string, std::string>& keys) {
  view_.servers.clear();
  view_.owner.reset();
  for (const auto& [key, value] : keys) {
    if (key == kOwnerKey) {
      view_.owner = value;
    } else if (key.starts_with(kServerKeys)) {
      view_.servers[key.substr(kServerKeys.size())] = GroupMember::FromValue(value);
    }
  }
}

void ServerGroup::OnChange(const store::KeyChange& change) {
  if (change.key == kOwnerKey) {
    view_.owner = change.value;
  } else if (change.key.starts_with(kServerKeys)) {
    const std::string id = change.key.substr(kServerKeys.size());
    if (change.value) {
      view_.servers[id] = GroupMember::FromValue(*change.value);
    } else {
      view_.servers.erase(id);
    }
  }
  Assert();
}

void ServerGroup::OnLease(std::optional<Clock::TimePoint> until) {
  // The keys of a lease that is lost go by themselves, if they have not yet.
  if (!until) view_.servers.erase(view_.self);
  view_.alive_until = until;
  Assert();
}

void ServerGroup::Resign(Clock::TimePoint until) {
  no_owner_before_ = until;
  if (!view_.is_owner()) return;
  propose_({Condition::HasValue(std::string(kOwnerKey), *view_.owner)},
           {{Operation::Kind::kRemove, std::string(kOwnerKey), {}}});
}

void ServerGroup::AssertOwnKey() {
  const auto told = view_.servers.find(view_.self);
  if (told == view_.servers.end()) {
    propose_({Condition::Absent(OwnKey())},
             {{Operation::Kind::kPutWhileAlive, OwnKey(), self_->ToValue()}});
  } else if (told->second != *self_) {
    propose_({Condition::HasValue(OwnKey(), told->second.ToValue())},
             {{Operation::Kind::kPutWhileAlive, OwnKey(), self_->ToValue()}});
  }
}

bool ServerGroup::MayBeOwner() const {
  if (self_->duty == HeartbeatDuty::kLeft) return false;
  // Time is taken as the log sees it: the lease reaches some way into the future.
  if (no_owner_before_ && *view_.alive_until < *no_owner_before_) return false;
  // One that did not reach the last owner leaves it to those that did.
  return self_->duty == HeartbeatDuty::kActive ||
         std::none_of(view_.servers.begin(), view_.servers.end(), [](const auto& server) {
           return server.second.duty == HeartbeatDuty::kActive;
         });
}

void ServerGroup::Assert() {
  if (!self_ || !view_.alive_until) return;
  AssertOwnKey();
  if (!view_.servers.contains(view_.self) || view_.owner || !MayBeOwner()) return;
  std::string claim = view_.self + "." + std::to_string(++last_claim_);
  propose_({Condition::Absent(std::string(kOwnerKey))},
           {{Operation::Kind::kPutWhileAlive, std::string(kOwnerKey), std::move(claim)}});
}

}  // namespace rollcall::catalog
