// ParkedReads: reads of the local state that wait for it to change (GET agent/service/:id?hash=).
// On the agent's loop.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <set>

#include "api/http/exchange.h"

namespace rollcall::agent {

class ParkedReads {
 public:
  // Whether there is something new, and what answers the exchange then or when the time is up.
  struct Read {
    std::chrono::nanoseconds wait{0};
    std::function<bool()> has_changed;
    std::function<void(const std::shared_ptr<http::Exchange>&)> answer;
  };

  ParkedReads();
  ~ParkedReads();

  // Answers at once, or when something has changed or the time is up. What waits is bounded.
  void Answer(const std::shared_ptr<http::Exchange>& exchange, Read read);

  // The local state is another one now.
  void OnChange();

 private:
  struct Parked;

  void Respond(const std::weak_ptr<Parked>& parked);

  std::set<std::shared_ptr<Parked>> parked_;
};

}  // namespace rollcall::agent
