// LogReload: loads a shared log anew on a thread of its own, so that the writer goes on answering
// meanwhile. Belongs to the catalog's writer thread.
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <thread>
#include <vector>

#include "registry/base/clock.h"
#include "registry/base/result.h"
#include "registry/catalog/log_loader.h"
#include "registry/catalog/watch.h"

namespace rollcall::catalog {

class LogReload {
 public:
  struct Loaded {
    LoadedLog log;
    // Of everything that is in it, or was in the catalog before. Sorted, each once.
    std::vector<WatchKey> changed;
  };
  // Called once, on the reload's thread, unless it is given up.
  using Done = std::function<void(Result<Loaded>)>;

  // Begins. `before` is the catalog as it is, and stays until this is over; nobody else uses `pool`
  // until then. Both pointers outlive the reload.
  LogReload(store::SharedLog* log, model::ValuePool* pool, std::shared_ptr<const Snapshot> before,
            Clock::TimePoint now, Done done);
  // Gives it up if it still runs, and waits for the log to notice.
  ~LogReload() = default;

  Clock::TimePoint began() const { return began_; }

 private:
  const Clock::TimePoint began_;
  std::jthread thread_;
};

}  // namespace rollcall::catalog
