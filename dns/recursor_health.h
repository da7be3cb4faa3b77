// RecursorHealth: which server is asked next. A dead one is put behind the others for a while, so
// that not every query waits for it; then one query finds out whether it is back.
// One worker's.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "registry/base/clock.h"

namespace rollcall::dns {

class RecursorHealth {
 public:
  static constexpr std::chrono::seconds kBehind{10};

  // `clock` outlives it.
  RecursorHealth(size_t servers, const Clock* clock) : servers_(servers), clock_(clock) {}

  // The first server that is not `tried`, in their order, those put behind coming last; empty when
  // all are tried. Precondition: a flag for each server.
  std::optional<size_t> Next(const std::vector<bool>& tried);

  // It sent an answer, whatever that says.
  void OnAnswer(size_t server);
  // It did not answer a query of `asked_at`. That puts it behind unless it has answered another
  // one since: then it is alive, and the name is what takes so long.
  void OnSilence(size_t server, Clock::TimePoint asked_at);
  // Nobody listens there, or no way leads there.
  void OnUnreachable(size_t server);

 private:
  struct Server {
    std::optional<Clock::TimePoint> answered_at;
    std::optional<Clock::TimePoint> behind_until;  // from a failure until the next answer
  };

  std::vector<Server> servers_;
  const Clock* const clock_;
};

}  // namespace rollcall::dns
