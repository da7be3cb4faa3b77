// RecursorOptions: where queries outside of our domains go, and what they may cost. Plain values.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "dns/recursor_address.h"

namespace rollcall::dns {

struct RecursorOptions {
  std::vector<RecursorAddress> servers;  // in the order in which they are asked
  // How long one server is waited for, and once more where it is asked again over TCP.
  std::chrono::milliseconds timeout{2000};
  size_t max_in_flight = 1000;  // queries of one worker; each has a socket
  // In our OPT record: what we receive from clients.
  uint16_t advertised_payload = 1232;

  friend bool operator==(const RecursorOptions&, const RecursorOptions&) = default;
};

}  // namespace rollcall::dns
