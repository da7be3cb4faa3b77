#include "dns/rate_limiter.h"

#include <algorithm>
#include <chrono>
#include <variant>

namespace rollcall::dns {

namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

constexpr size_t kV4PrefixOctets = 3;  // /24
constexpr size_t kV6PrefixOctets = 7;  // /56

bool IsLoopback(const IpAddress& client) {
  if (const Ipv4* v4 = std::get_if<Ipv4>(&client)) return v4->front() == 127;
  constexpr Ipv6 kLoopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return std::get<Ipv6>(client) == kLoopback;
}

uint64_t HashOfNetwork(const IpAddress& client) {
  uint64_t network = client.index() + 1;
  if (const Ipv4* v4 = std::get_if<Ipv4>(&client)) {
    for (size_t i = 0; i < kV4PrefixOctets; ++i) network = network << 8 | (*v4)[i];
  } else {
    const Ipv6& v6 = std::get<Ipv6>(client);
    for (size_t i = 0; i < kV6PrefixOctets; ++i) network = network << 8 | v6[i];
  }
  return RateBuckets::Mixed(network);
}

}  // namespace

RateLimiter::RateLimiter(uint32_t answers_per_second, Clock::TimePoint now)
    : rate_{std::max(microseconds(1), microseconds(seconds(1)) / std::max(answers_per_second, 1u)),
            seconds(1)},
      buckets_(kSets, now) {}

bool RateLimiter::Allows(const IpAddress& client, Clock::TimePoint now) {
  if (IsLoopback(client)) return true;
  return buckets_.Take(HashOfNetwork(client), rate_, now).count() == 0;
}

}  // namespace rollcall::dns
