// A run: a cluster, clients, one fault after the other, and what the checker says of it.
// The main thread's alone.
#pragma once

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "tests/chaos/checker.h"
#include "tests/chaos/faults.h"

namespace rollcall::chaos {

struct Plan {
  uint64_t seed = 1;
  std::vector<Fault> faults;
  // After each fault, in which everything must come right: longer than what the bounds give
  // watchers, or they would have time for ever.
  std::chrono::milliseconds quiet = std::chrono::milliseconds(5500);
  Bounds bounds{};
  // Where the history and everyone's output go; empty: nowhere.
  std::string keep_in{};
  bool keep_always = false;  // and not only when something is found
};

// One line for each fault, and a summary, go to `progress` as it happens.
Findings Run(const Plan& plan, std::ostream& progress);

}  // namespace rollcall::chaos
