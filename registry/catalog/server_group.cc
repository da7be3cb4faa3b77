#include "registry/catalog/server_group.h"

#include <utility>

namespace rollcall::catalog {

using store::Condition;
using store::Operation;

ServerGroup::ServerGroup(std::string id, Propose propose) : propose_(std::move(propose)) {
  view_.self = std::move(id);
}

void ServerGroup::Announce(std::string about) {
  about_ = std::move(about);
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
      view_.servers[key.substr(kServerKeys.size())] = value;
    }
  }
}

void ServerGroup::OnChange(const store::KeyChange& change) {
  if (change.key == kOwnerKey) {
    view_.owner = change.value;
  } else if (change.key.starts_with(kServerKeys)) {
    const std::string id = change.key.substr(kServerKeys.size());
    if (change.value) {
      view_.servers[id] = *change.value;
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

void ServerGroup::Assert() {
  if (!about_ || !view_.alive_until) return;
  if (!view_.servers.contains(view_.self)) {
    return propose_({Condition::Absent(OwnKey())},
                    {{Operation::Kind::kPutWhileAlive, OwnKey(), *about_}});
  }
  // Time is taken as the log sees it: the lease reaches some way into the future.
  if (no_owner_before_ && *view_.alive_until < *no_owner_before_) return;
  if (view_.owner) return;
  std::string claim = view_.self + "." + std::to_string(++last_claim_);
  propose_({Condition::Absent(std::string(kOwnerKey))},
           {{Operation::Kind::kPutWhileAlive, std::string(kOwnerKey), std::move(claim)}});
}

}  // namespace rollcall::catalog
