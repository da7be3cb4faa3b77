// Turnstile: lets one after another through, in the order in which they came.
//
// A change of access control is right only as long as no other one has been made since its author
// looked (model::ChangeAcl). When a fleet starts and a thousand agents log in, each of them would
// have to look again for each of the others; one at a time nobody has to, but for changes that come
// through other servers.
//
// Any thread. Who waits is let go, without his turn, by Close.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "registry/base/lock_guarded.h"

namespace rollcall::api {

class Turnstile {
 public:
  // The turn lasts until the last copy is dropped, on whatever thread. Outlived by the turnstile.
  using Turn = std::shared_ptr<void>;
  using Go = std::function<void(Turn)>;

  // Calls `go` once it is its turn: at once, or on the thread that drops the turn before.
  void Enter(Go go) {
    {
      auto state = state_.Lock();
      if (state->is_closed) return;
      if (state->is_taken) return state->waiting.push_back(std::move(go));
      state->is_taken = true;
    }
    go(MakeTurn());
  }

  // Nobody gets a turn any more.
  void Close() {
    std::deque<Go> waiting;  // outlives the lock, so that what they hold is let go without it
    auto state = state_.Lock();
    state->is_closed = true;
    waiting.swap(state->waiting);
  }

 private:
  struct State {
    bool is_taken = false;
    bool is_closed = false;
    std::deque<Go> waiting;
  };

  Turn MakeTurn() {
    return {this, [](void* turnstile) { static_cast<Turnstile*>(turnstile)->Leave(); }};
  }

  void Leave() {
    Go next;
    {
      auto state = state_.Lock();
      if (state->waiting.empty()) {
        state->is_taken = false;
        return;
      }
      next = std::move(state->waiting.front());
      state->waiting.pop_front();
    }
    next(MakeTurn());
  }

  LockGuarded<State> state_;
};

}  // namespace rollcall::api
