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
  // After each fault, in which everything must come right.
  std::chrono::milliseconds quiet = std::chrono::seconds(6);
  Bounds bounds;
  // Where the history and everyone's output go when something is found; empty: nowhere.
  std::string keep_in;
};

// One line for each fault, and a summary, go to `progress` as it happens.
Findings Run(const Plan& plan, std::ostream& progress);

}  // namespace rollcall::chaos
