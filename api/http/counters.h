// Counters: what one worker's HTTP server has done since it started. Counted on that worker's
// thread, read by any.
#pragma once

#include <array>
#include <cstddef>

#include "registry/base/counter.h"

namespace rollcall::http {

struct Counters {
  static constexpr size_t kStatusClasses = 6;

  // By the first digit of the status: all answers, also to what was no proper request.
  std::array<Counter, kStatusClasses> answers;
  // From a request's last byte to its answer. Without those that wait for something to happen
  // (Exchange::OnClosed): how long these take says nothing of the server.
  LatencyHistogram latency;
  // Handshakes of TLS that came to an end: with a session begun, or one gone on with; and those
  // that did not, whether the client was refused, took too long or went away.
  Counter tls_full;
  Counter tls_resumed;
  Counter tls_failed;
  // When the certificate of new connections ends, in Unix time; 0: there is no TLS.
  Gauge tls_not_after;

  void CountAnswer(int status) {
    const auto digit = static_cast<size_t>(status / 100);
    if (digit < kStatusClasses) answers[digit].Add();
  }
};

}  // namespace rollcall::http
