// KeptRead: one read of the registry whose answer is kept up to date by one blocking query, however
// many ask for it here.
//
//   fetch -> watch, watch, ...       the answer is current
//      ^        |
//      +- pause + (no server)        it ages; the pause is drawn at random and grows
//
// The loop's thread. Whoever follows it owns it; handlers under way hold it and find it stopped.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "agent/front/upstream.h"
#include "api/http/body.h"
#include "registry/base/clock.h"
#include "registry/base/result.h"

namespace rollcall::front {

struct KeptAnswer {
  uint64_t index = 0;  // greater than 0
  std::string header_block;
  std::string etag;  // empty: none
  std::shared_ptr<const http::SharedBody> body;
};

class KeptRead : public std::enable_shared_from_this<KeptRead> {
 public:
  struct Options {
    // How long the blocking query asks to wait. A server that hangs, with no other one to ask, is
    // noticed when that is over.
    std::chrono::seconds watch{60};
    std::chrono::milliseconds min_pause{100};
    std::chrono::milliseconds max_pause{2'000};
  };
  // What it works with; outlives it.
  struct Tools {
    boost::asio::io_context& loop;
    const Clock& clock;
    std::function<double()> random;  // in [0, 1)
    Upstream& upstream;
    Options options;
  };
  // Each may call Stop.
  struct Listener {
    std::function<void()> on_kept;                 // a new answer, or the old one confirmed
    std::function<void(const Error&)> on_failure;  // an answer that was kept is still there
    // The registry's answer is not to be kept; it is asked again after a pause.
    std::function<void(const UpstreamReply&)> on_other;
  };

  // `read` is a GET that does not block.
  KeptRead(const Tools& tools, UpstreamRequest read, Listener listener);

  // Fetches, unless that is under way.
  void Refresh();
  // Fetches at once, in place of whatever is under way: the registry's answer may be another one
  // now, because it is asked with another token. The answer that was kept stays until then.
  void AskAnew();
  bool is_refreshing() const { return fetching_; }
  // Ends it; the listener is not called any more.
  void Stop();

  // Null until the first one came.
  const KeptAnswer* answer() const { return answer_.body == nullptr ? nullptr : &answer_; }
  // Since the answer was last known to be the registry's; 0 as long as it is being watched.
  std::chrono::seconds Age() const;
  bool is_current() const { return is_current_; }
  // Why it is not current.
  const std::string& last_error() const { return last_error_; }

 private:
  enum class Asked { kFetch, kWatch };

  void Watch();
  void OnReply(Asked asked, Result<UpstreamReply> reply);
  // False when it is not one to be kept.
  bool Keep(UpstreamReply& reply);
  void OnFailure(const Error& error);
  void PauseAnd(void (KeptRead::*next)());

  const Tools& tools_;
  const UpstreamRequest read_;
  const Listener listener_;
  KeptAnswer answer_;
  bool is_current_ = false;
  Clock::TimePoint current_until_;  // when it is not current
  std::string last_error_;
  bool fetching_ = false;
  bool watching_ = false;
  bool stopped_ = false;
  int pauses_ = 0;     // in a row
  uint64_t turn_ = 0;  // answers to what was asked before the last AskAnew are dropped
  Clock::TimePoint watch_begun_;
  Upstream::Handle fetch_;
  Upstream::Handle watch_;
  boost::asio::steady_timer pause_;
};

}  // namespace rollcall::front
