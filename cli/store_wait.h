// StoreWait: a server that starts before the etcd it shares with others waits for it, and says so.
// The main thread's, before ServerControl runs.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <optional>
#include <string>

#include "registry/base/result.h"

namespace rollcall::cli {

class StoreWait {
 public:
  // Whether what ended with that error is to be tried again, which is so while etcd cannot be
  // reached: then it waits for a second, and logs the reason at first, once a minute, and when it
  // is another one, but not more than every ten seconds. What etcd refuses, it will refuse again.
  // Not after SIGTERM or SIGINT, which it takes from the first call on: see was_stopped.
  bool IsWorthAnotherTry(const Error& error);
  // It has worked: says so, if there was anything to wait for.
  void End();
  // Whether somebody wanted the process to end while it waited.
  bool was_stopped() const { return was_stopped_; }

 private:
  using Clock = std::chrono::steady_clock;

  void TakeSignals();

  std::string told_;
  Clock::time_point began_;
  Clock::time_point told_at_;
  boost::asio::io_context loop_{1};
  std::optional<boost::asio::signal_set> stop_;
  bool was_stopped_ = false;
};

}  // namespace rollcall::cli
