// ServerControl: what the main thread does while the workers serve: it waits for signals and for
// what the HTTP API asks of the server as a whole. All of it runs there, one thing after the other.
//
// Threads: made, run and destroyed by the main thread; RequestReload and RequestStop are for any
// thread. Only one may exist: it takes the process's SIGHUP, and while it runs SIGTERM and SIGINT.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <functional>

#include "registry/base/lock_guarded.h"
#include "registry/base/result.h"

namespace rollcall::cli {

class ServerControl {
 public:
  using Reload = std::function<Result<void>()>;
  using Done = std::function<void(Result<void>)>;

  // From here on SIGHUP no longer ends the process: one that comes before Run is a reload in Run.
  ServerControl();

  // Until SIGTERM, SIGINT or RequestStop. On each SIGHUP, and for each RequestReload, `reload` is
  // called, and its error is logged.
  void Run(const Reload& reload);

  // `done` is called exactly once, on the main thread, or at once with kUnavailable when Run has
  // ended; it must return at once.
  void RequestReload(Done done);
  void RequestStop();

 private:
  void AwaitHangup();
  Result<void> ReloadNow();

  boost::asio::io_context loop_{1};
  boost::asio::signal_set hangup_;
  const Reload* reload_ = nullptr;  // while Run runs
  LockGuarded<bool> ended_{false};
};

}  // namespace rollcall::cli
