// RateLimiter: how many answers a network may get by UDP, where the sender of a query can be a
// forger who wants them sent to a victim (response rate limiting). Networks are /24 of IPv4 and /56
// of IPv6; each may have as many answers a second as the limit says, and as many at once. Any
// thread; one for all workers (registry/base/rate_buckets.h).
#pragma once

#include <cstddef>
#include <cstdint>

#include "registry/base/clock.h"
#include "registry/base/ip_address.h"
#include "registry/base/rate_buckets.h"

namespace rollcall::dns {

class RateLimiter {
 public:
  // `answers_per_second` for each network, at least 1. `now` begins the limiter's time.
  RateLimiter(uint32_t answers_per_second, Clock::TimePoint now);

  // Counts one answer to `client`, and says whether it may be sent. Clients on loopback may always
  // be answered.
  bool Allows(const IpAddress& client, Clock::TimePoint now);

 private:
  static constexpr size_t kSets = 8192;

  const RateBuckets::Rate rate_;
  RateBuckets buckets_;
};

}  // namespace rollcall::dns
