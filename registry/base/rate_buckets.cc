#include "registry/base/rate_buckets.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace rollcall {
namespace {

using std::chrono::microseconds;

constexpr uint64_t kSecondUs = 1'000'000;

// A bucket: the tag above, the time in microseconds (for nine years) below.
constexpr int kTimeBits = 48;
constexpr uint64_t kTimeMask = (uint64_t{1} << kTimeBits) - 1;

uint64_t TagOf(uint64_t bucket) { return bucket >> kTimeBits; }
uint64_t TimeOf(uint64_t bucket) { return bucket & kTimeMask; }

// Tag 0 is no owner's, so that an empty bucket is nobody's.
uint64_t TagOfOwner(uint64_t owner) { return owner >> kTimeBits | 1; }

// How long one has to wait who has used up the time until `used_until`.
microseconds WaitOf(uint64_t used_until, uint64_t now_us, const RateBuckets::Rate& rate) {
  const uint64_t next = used_until + static_cast<uint64_t>(rate.interval.count());
  const uint64_t allowed = now_us + static_cast<uint64_t>(rate.burst.count());
  return microseconds(next <= allowed ? 0 : static_cast<int64_t>(next - allowed));
}

}  // namespace

RateBuckets::RateBuckets(size_t sets, Clock::TimePoint now) : start_(now), sets_(sets) {
  assert(std::has_single_bit(sets));
}

// One second in, so that an empty bucket, of time 0, is one that is not busy.
uint64_t RateBuckets::MicrosecondsAt(Clock::TimePoint now) const {
  return kSecondUs +
         static_cast<uint64_t>(std::chrono::duration_cast<microseconds>(now - start_).count());
}

microseconds RateBuckets::Take(uint64_t owner, const Rate& rate, Clock::TimePoint now) {
  const uint64_t now_us = MicrosecondsAt(now);
  const uint64_t tag = TagOfOwner(owner);
  std::array<std::atomic<uint64_t>, kWays>& buckets = sets_[owner % sets_.size()].buckets;
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
    if (const microseconds wait = WaitOf(used_until, now_us, rate); wait.count() > 0) return wait;
    const uint64_t next = used_until + static_cast<uint64_t>(rate.interval.count());
    const uint64_t updated = tag << kTimeBits | (next & kTimeMask);
    if (chosen->compare_exchange_weak(found, updated, std::memory_order_relaxed)) {
      return microseconds(0);
    }
  }
}

microseconds RateBuckets::Peek(uint64_t owner, const Rate& rate, Clock::TimePoint now) const {
  const uint64_t now_us = MicrosecondsAt(now);
  for (const std::atomic<uint64_t>& bucket : sets_[owner % sets_.size()].buckets) {
    const uint64_t value = bucket.load(std::memory_order_relaxed);
    if (TagOf(value) != TagOfOwner(owner)) continue;
    return WaitOf(std::max(TimeOf(value), now_us), now_us, rate);
  }
  return microseconds(0);
}

}  // namespace rollcall
