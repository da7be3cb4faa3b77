// RandomNumbers: 64-bit numbers that no two servers share, for names and spreads, not for secrets.
// Any thread; each of what it returns belongs to one.
#pragma once

#include <cstdint>
#include <functional>
#include <random>

namespace rollcall::cli {

inline std::function<uint64_t()> RandomNumbers() {
  std::random_device entropy;
  return [random = std::mt19937_64(std::uniform_int_distribution<uint64_t>()(entropy))]() mutable {
    return random();
  };
}

}  // namespace rollcall::cli
