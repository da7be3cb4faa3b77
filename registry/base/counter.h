// Counter, Gauge and LatencyHistogram: what one thread counts and any thread reads, at the price of
// a plain addition. Each belongs to the thread that adds to it; who wants a total adds up those of
// all threads when asked.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace rollcall {

class Counter {
 public:
  // The owning thread only: no other writer, so that no locked instruction is needed.
  void Add(uint64_t count = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

// How many there are right now.
class Gauge {
 public:
  void Set(uint64_t value) { value_.store(value, std::memory_order_relaxed); }
  uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> value_{0};
};

// Durations, counted in buckets that suit a request as well as a commit to disk.
class LatencyHistogram {
 public:
  // The upper bound of each bucket, itself included; one more bucket takes what is beyond the last.
  static constexpr std::array<std::chrono::microseconds, 16> kBounds{
      std::chrono::microseconds(100),    std::chrono::microseconds(250),
      std::chrono::microseconds(500),    std::chrono::microseconds(1'000),
      std::chrono::microseconds(2'500),  std::chrono::microseconds(5'000),
      std::chrono::microseconds(10'000), std::chrono::microseconds(25'000),
      std::chrono::microseconds(50'000), std::chrono::microseconds(100'000),
      std::chrono::milliseconds(250),    std::chrono::milliseconds(500),
      std::chrono::milliseconds(1'000),  std::chrono::milliseconds(2'500),
      std::chrono::milliseconds(5'000),  std::chrono::milliseconds(10'000)};
  static constexpr size_t kBuckets = kBounds.size() + 1;

  // The owning thread only.
  void Observe(std::chrono::nanoseconds duration) {
    size_t at = 0;
    while (at < kBounds.size() && duration > kBounds[at]) ++at;
    buckets_[at].Add();
    sum_ns_.Add(static_cast<uint64_t>(duration.count() < 0 ? 0 : duration.count()));
  }

  // Of that bucket alone, not of those below it.
  uint64_t count(size_t bucket) const { return buckets_[bucket].value(); }
  std::chrono::nanoseconds sum() const {
    return std::chrono::nanoseconds(static_cast<int64_t>(sum_ns_.value()));
  }

 private:
  std::array<Counter, kBuckets> buckets_;
  Counter sum_ns_;
};

}  // namespace rollcall
