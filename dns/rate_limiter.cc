#include "dns/rate_limiter.h"

#include <algorithm>
#include <chrono>
#include <variant>

namespace rollcall::dns {

namespace {

constexpr size_t kV4PrefixOctets = 3;  // /24
constexpr size_t kV6PrefixOctets = 7;  // /56
constexpr uint64_t kSecondUs = 1'000'000;

// A bucket: the tag above, the time in microseconds (for nine years) below.
constexpr int kTimeBits = 48;
constexpr uint64_t kTimeMask = (uint64_t{1} << kTimeBits) - 1;

uint64_t TagOf(uint64_t bucket) { return bucket >> kTimeBits; }
uint64_t TimeOf(uint64_t bucket) { return bucket & kTimeMask; }

bool IsLoopback(const IpAddress& client) {
  if (const Ipv4* v4 = std::get_if<Ipv4>(&client)) return v4->front() == 127;
  constexpr Ipv6 kLoopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return std::get<Ipv6>(client) == kLoopback;
}

// Every bit depends on every octet of the network.
uint64_t HashOfNetwork(const IpAddress& client) {
  uint64_t network = client.index() + 1;
  if (const Ipv4* v4 = std::get_if<Ipv4>(&client)) {
    for (size_t i = 0; i < kV4PrefixOctets; ++i) network = network << 8 | (*v4)[i];
  } else {
    const Ipv6& v6 = std::get<Ipv6>(client);
    for (size_t i = 0; i < kV6PrefixOctets; ++i) network = network << 8 | v6[i];
  }
  network = (network ^ network >> 33) * 0xff51afd7ed558ccdu;
  network = (network ^ network >> 33) * 0xc4ceb9fe1a85ec53u;
  return network ^ network >> 33;
}

}  // namespace

RateLimiter::RateLimiter(uint32_t answers_per_second, Clock::TimePoint now)
    : interval_us_(std::max<uint64_t>(1, kSecondUs / std::max(answers_per_second, 1u))),
      burst_us_(kSecondUs),
      start_(now),
      sets_(kSets) {}

bool RateLimiter::Allows(const IpAddress& client, Clock::TimePoint now) {
  if (IsLoopback(client)) return true;
  const uint64_t hash = HashOfNetwork(client);
  // One second in, so that an empty bucket, of time 0, is one that is not busy.
  const uint64_t now_us =
      kSecondUs + static_cast<uint64_t>(
                      std::chrono::duration_cast<std::chrono::microseconds>(now - start_).count());
  // Tag 0 is no network's, so that an empty bucket is nobody's.
  const uint64_t tag = hash >> kTimeBits | 1;
  std::array<std::atomic<uint64_t>, kWays>& buckets = sets_[hash % kSets].buckets;
  while (true) {
    std::atomic<uint64_t>* chosen = nullptr;
    uint64_t found = 0;
    for (std::atomic<uint64_t>& bucket : buckets) {
      const uint64_t value = bucket.load(std::memory_order_relaxed);
      const bool is_ours = TagOf(value) == tag;
      if (is_ours || chosen == nullptr || TimeOf(value) < TimeOf(found)) {
        chosen = &bucket;
        found = value;
      }
      if (is_ours) break;
    }
    const uint64_t used_until = TagOf(found) == tag ? std::max(TimeOf(found), now_us) : now_us;
    if (used_until + interval_us_ > now_us + burst_us_) return false;
    const uint64_t updated = tag << kTimeBits | ((used_until + interval_us_) & kTimeMask);
    if (chosen->compare_exchange_weak(found, updated, std::memory_order_relaxed)) return true;
  }
}

}  // namespace rollcall::dns
