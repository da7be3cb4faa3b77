// DnsCounters: what one worker's DNS servers have done since they started. Written by that worker
// alone, read by any thread: plain additions without order among them.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "dns/constants.h"

namespace rollcall::dns {

class Counter {
 public:
  // The owning worker only: no other writer, so that no locked instruction is needed.
  void Add(uint64_t count = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

struct DnsCounters {
  Counter udp_queries;  // well-formed enough to be answered
  Counter tcp_queries;
  std::array<Counter, static_cast<size_t>(Rcode::kBadVers) + 1> answers;  // by rcode
  Counter truncated;                                                      // answers with TC
  Counter dropped;          // messages that got no answer
  Counter send_failures;    // answers that the kernel did not take
  Counter tcp_connections;  // accepted
  Counter tcp_refused;      // closed at once, being too many
};

}  // namespace rollcall::dns
