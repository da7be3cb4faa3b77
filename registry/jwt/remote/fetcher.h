// Fetcher: fetches key sets, on a thread of its own, which it also reads files on. Any thread may
// ask it; answers come on its thread. The destructor ends what is under way, each with
// kUnavailable, and waits for the thread; what it is asked after that began is answered at once.
// Host names are looked up on other threads (name_lookups.h), which neither it nor its fetches wait
// for.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "registry/jwt/remote/exchange.h"
#include "registry/jwt/remote/name_lookups.h"

namespace rollcall::jwt {

inline constexpr std::chrono::seconds kFetchTimeout{10};

class Fetcher {
 public:
  explicit Fetcher(ResolveName resolve = ResolveBySystem);
  ~Fetcher();
  Fetcher(const Fetcher&) = delete;
  Fetcher& operator=(const Fetcher&) = delete;

  // kInvalidArgument in the answer for an URL that is none; else as StartExchange.
  void Get(const std::string& url, const std::string& ca_cert, OnBody on_body);
  // Of a regular file alone, so that it never waits for a pipe; up to kMaxKeySetSize.
  void ReadFile(const std::string& path, OnBody on_body);
  // Calls back after this time, or as soon as the fetcher's end begins.
  void After(std::chrono::nanoseconds time, std::function<void()> then);

 private:
  boost::asio::io_context loop_;
  NameLookups names_;  // of the thread
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> until_stopped_;
  std::vector<std::weak_ptr<Exchange>> under_way_;               // of the thread
  std::set<std::shared_ptr<boost::asio::steady_timer>> timers_;  // of the thread
  bool is_stopping_ = false;                                     // of the thread
  std::thread thread_;
};

}  // namespace rollcall::jwt
