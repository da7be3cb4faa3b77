// GroupUpkeep: what a server of a shared log does all the time for the group: the heartbeats that
// are to reach the owner of expiry (ExpiryLink), and the servers' own nodes (ServerNodes).
//
// A thread of its own, from construction to Stop.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "cli/expiry_link.h"
#include "cli/server_nodes.h"

namespace rollcall::cli {

class GroupUpkeep {
 public:
  // `catalog`, `heard`, `clock` outlive the object. `controls_access`: the servers need a secret to
  // know each other by.
  GroupUpkeep(catalog::Catalog& catalog, catalog::HeardServers& heard, const Clock& clock,
              ExpiryLink::Tls tls, bool controls_access, std::string own_node,
              ServerNodes::RegisterSelf register_self);
  ~GroupUpkeep() { End(); }

  // Nobody asks this server any more: what it has taken is handed over, as far as that can be done
  // within a few seconds, and the others are told so.
  void Leave();

 private:
  void Run();
  // Has the secret drawn by which the servers know each other, where there is none yet.
  void EnsureSecret();
  // Whether it was this call that ended the thread.
  bool End();

  catalog::Catalog& catalog_;
  catalog::HeardServers& heard_;
  ExpiryLink link_;    // the thread's, and Leave's once that has ended
  ServerNodes nodes_;  // the thread's
  const bool controls_access_;
  // Until a secret that was drawn is kept, or is not.
  const std::shared_ptr<std::atomic<bool>> is_drawing_ = std::make_shared<std::atomic<bool>>(false);

  std::mutex mutex_;
  std::condition_variable wake_;
  bool is_stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace rollcall::cli
