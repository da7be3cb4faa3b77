// The randomness of answers' order: fast, and no secret. One per worker.
#pragma once

#include <cassert>
#include <cstdint>
#include <limits>

namespace rollcall::dns {

// SplitMix64 (Steele, Lea and Flood, Fast splittable pseudorandom number generators, 2014): one
// word of state, where the standard library's engines have 2.5 KB for an answer to pull through the
// processor's cache. A UniformRandomBitGenerator; every value comes once in 2^64.
class Random {
 public:
  using result_type = uint64_t;

  explicit Random(uint64_t seed) : state_(seed) {}

  static constexpr uint64_t min() { return 0; }
  static constexpr uint64_t max() { return std::numeric_limits<uint64_t>::max(); }

  uint64_t operator()() {
    uint64_t bits = state_ += 0x9e3779b97f4a7c15;
    bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ bits >> 27) * 0x94d049bb133111eb;
    return bits ^ bits >> 31;
  }

 private:
  uint64_t state_;
};

// Below `bound`, each number with the same chance (Lemire, Fast random integer generation in an
// interval, 2019). Precondition: bound > 0.
inline uint64_t DrawBelow(uint64_t bound, Random* random) {
  assert(bound > 0);
  if (bound == 1) return 0;
  __extension__ using Wide = unsigned __int128;
  Wide product = Wide{(*random)()} * bound;
  if (static_cast<uint64_t>(product) < bound) {
    const uint64_t least = (0 - bound) % bound;
    while (static_cast<uint64_t>(product) < least) product = Wide{(*random)()} * bound;
  }
  return static_cast<uint64_t>(product >> 64);
}

}  // namespace rollcall::dns
