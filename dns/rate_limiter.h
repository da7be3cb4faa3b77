// RateLimiter: how many answers a network may get by UDP, where the sender of a query can be a
// forger who wants them sent to a victim (response rate limiting). Networks are /24 of IPv4 and /56
// of IPv6; each may have as many answers a second as the limit says, and as many at once.
//
// Shared by all workers, so that the limit holds for the server as a whole: no lock, and no memory
// but the fixed table. A bucket is one 64-bit word: a tag of the network, and the time at which it
// will have used up what it got (the generic cell rate algorithm). Where more networks are busy
// than the table holds, the least busy one of a place is forgotten, to its advantage. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "registry/base/clock.h"
#include "registry/base/ip_address.h"

namespace rollcall::dns {

class RateLimiter {
 public:
  // `answers_per_second` for each network, at least 1. `now` begins the limiter's time.
  RateLimiter(uint32_t answers_per_second, Clock::TimePoint now);

  // Counts one answer to `client`, and says whether it may be sent. Clients on loopback may always
  // be answered.
  bool Allows(const IpAddress& client, Clock::TimePoint now);

 private:
  static constexpr size_t kWays = 8;  // of one cache line
  static constexpr size_t kSets = 8192;
  struct alignas(64) Set {
    std::array<std::atomic<uint64_t>, kWays> buckets{};
  };

  const uint64_t interval_us_;  // that one answer takes
  const uint64_t burst_us_;     // that may be used ahead of time
  const Clock::TimePoint start_;
  std::vector<Set> sets_;
};

}  // namespace rollcall::dns
