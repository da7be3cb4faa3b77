// EtcdTimer: does something once, later, unless it is stopped, set anew or destroyed before. All on
// the thread that runs the io_context.
#pragma once

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

namespace rollcall::store {

class EtcdTimer {
 public:
  explicit EtcdTimer(boost::asio::io_context* io) : state_(std::make_shared<State>(io)) {}
  ~EtcdTimer() { Stop(); }
  EtcdTimer(const EtcdTimer&) = delete;
  EtcdTimer& operator=(const EtcdTimer&) = delete;

  // In place of what it was set to.
  void Start(std::chrono::nanoseconds after, std::function<void()> then) {
    state_->then = std::move(then);
    const uint64_t setting = ++state_->setting;
    state_->timer.expires_after(std::max(after, std::chrono::nanoseconds(0)));
    // A timer that has expired cannot be cancelled any more: its handler may be queued already.
    state_->timer.async_wait(
        [held = std::weak_ptr<State>(state_), setting](const boost::system::error_code&) {
          const auto state = held.lock();
          if (!state || state->setting != setting) return;
          ++state->setting;
          std::exchange(state->then, nullptr)();
        });
  }
  void Stop() {
    ++state_->setting;
    state_->then = nullptr;
    state_->timer.cancel();
  }

 private:
  struct State {
    explicit State(boost::asio::io_context* io) : timer(*io) {}
    boost::asio::steady_timer timer;
    uint64_t setting = 0;
    std::function<void()> then;
  };
  const std::shared_ptr<State> state_;
};

}  // namespace rollcall::store
