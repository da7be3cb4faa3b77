// RateBuckets: how often each of many may do something. Who does it is a hash; each has a bucket
// that fills at a rate and holds a burst.
//
// Shared by all workers, so that a limit holds for the server as a whole: no lock, and no memory
// but the fixed table. A bucket is one 64-bit word: a tag of its owner, and the time at which it
// will have used up what it got (the generic cell rate algorithm), so that it neither knows nor
// cares at which rate: that may differ from call to call. Where more are busy than the table
// holds, the least busy one of a place is forgotten, to its advantage. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "registry/base/clock.h"

namespace rollcall {

class RateBuckets {
 public:
  struct Rate {
    std::chrono::microseconds interval{0};  // that one time takes, at least 1 us
    std::chrono::microseconds burst{0};     // that may be used ahead of time, at least the interval

    bool operator==(const Rate&) const = default;
  };

  static constexpr size_t kWays = 8;  // buckets of a set, which is one cache line

  // `sets` is a power of two. `now` begins the time of the buckets, which goes on for eight years.
  RateBuckets(size_t sets, Clock::TimePoint now);

  // Takes one from the bucket of `owner`, whose bits are all as good as random. Zero: it was there.
  // Otherwise nothing was taken, and there will be one after that time, if nobody else takes it.
  std::chrono::microseconds Take(uint64_t owner, const Rate& rate, Clock::TimePoint now);

  // What Take would answer, taking nothing.
  std::chrono::microseconds Peek(uint64_t owner, const Rate& rate, Clock::TimePoint now) const;

  // `bits` stirred so that each of them decides about each bit of what comes out.
  static constexpr uint64_t Mixed(uint64_t bits) {
    bits = (bits ^ bits >> 33) * 0xff51afd7ed558ccdu;
    bits = (bits ^ bits >> 33) * 0xc4ceb9fe1a85ec53u;
    return bits ^ bits >> 33;
  }

 private:
  struct alignas(64) Set {
    std::array<std::atomic<uint64_t>, kWays> buckets{};
  };

  uint64_t MicrosecondsAt(Clock::TimePoint now) const;

  const Clock::TimePoint start_;
  std::vector<Set> sets_;
};

}  // namespace rollcall
