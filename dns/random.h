// The randomness of answers' order: fast, and no secret. One per worker.
#pragma once

#include <cassert>
#include <cstdint>
#include <random>

namespace rollcall::dns {

using Random = std::mt19937_64;

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
