// Watcher: one watch. Follows a read of the registry, and tells the handler of each change of its
// answer, the first one included, but for events: those of before are over. One at a time, and
// always of the newest. While no server answers nothing is told.
//
// A program that fails is logged. A URL is tried again, with growing pauses, until it has taken
// what is newest or has been asked often enough.
//
// On the agent's loop.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/front/kept_read.h"
#include "agent/probe/probe.h"
#include "agent/watch/watch_definition.h"

namespace rollcall::watch {

// What a handler is told.
struct News {
  uint64_t index = 0;
  std::shared_ptr<const std::string> json;
};

class Watcher : public std::enable_shared_from_this<Watcher> {
 public:
  // Runs a handler; the result passes when it has taken the news.
  using MakeHandler =
      std::function<std::shared_ptr<probe::Probe>(const WatchDefinition& watch, const News& news)>;

  struct Times {
    std::chrono::milliseconds first_retry{1'000};  // doubled each time
    int attempts = 6;                              // of a URL
  };

  // `tools` and what `make` works with outlive it.
  Watcher(const front::KeptRead::Tools& tools, WatchDefinition definition, MakeHandler make,
          const Times& times);

  void Start();
  // The token of watches without one of their own is another one now.
  void OnOtherToken();
  // No handler is told any more; one that runs is ended.
  void Stop();

  const WatchDefinition& definition() const { return definition_; }

 private:
  void OnAnswer();
  void OnOther(const front::UpstreamReply& reply);
  // The part of it that a handler has not been told; null: nothing.
  std::shared_ptr<const std::string> NewPartOf(const std::string& body);
  void Tell();
  void OnTold(const probe::ProbeResult& result);
  void TellLater(std::chrono::milliseconds pause);

  const front::KeptRead::Tools& tools_;
  const WatchDefinition definition_;
  const MakeHandler make_;
  const Times times_;
  std::shared_ptr<front::KeptRead> read_;
  std::shared_ptr<const http::SharedBody> seen_;  // the answer that was looked at last
  std::optional<std::string> last_event_;         // its ID, of a watch of events
  std::string last_refusal_;                      // for the log
  std::optional<News> news_;                      // not taken yet
  std::shared_ptr<probe::Probe> running_;
  int attempts_ = 0;  // of these news
  boost::asio::steady_timer pause_;
  bool stopped_ = false;
};

}  // namespace rollcall::watch
