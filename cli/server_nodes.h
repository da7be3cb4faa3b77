// ServerNodes: keeps true what the catalog says of the servers of a shared log themselves. Each
// server sees to its own node being there and alive; the one that owns expiry says of the node of a
// server that is gone that it does not live.
//
// One thread: cli/group_upkeep.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "registry/base/clock.h"
#include "registry/catalog/catalog.h"
#include "registry/catalog/server_group.h"

namespace rollcall::cli {

class ServerNodes {
 public:
  // A server that starts again within this time was never away.
  static constexpr std::chrono::seconds kGrace{5};

  // Puts the own node and all that belongs to it into the catalog, and calls `done` on any thread.
  using RegisterSelf = std::function<void(std::function<void()> done)>;

  // `catalog` and `clock` outlive the object.
  ServerNodes(catalog::Catalog& catalog, const Clock& clock, std::string own_node,
              RegisterSelf register_self);

  void Look(const catalog::GroupView& group);

 private:
  void KeepOwn(const catalog::Snapshot& state);
  void MarkGone(const catalog::GroupView& group, const catalog::Snapshot& state);

  catalog::Catalog& catalog_;
  const Clock& clock_;
  const std::string own_node_;
  const RegisterSelf register_self_;
  // Outlives this object where a write does.
  const std::shared_ptr<std::atomic<bool>> is_registering_;
  Clock::TimePoint next_registration_;            // not before
  std::map<std::string, Clock::TimePoint> gone_;  // nodes without a server: since when
};

}  // namespace rollcall::cli
