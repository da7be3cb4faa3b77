// The short run: each kind of fault at least once. scripts/chaos makes the long one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "tests/chaos/faults.h"
#include "tests/chaos/run.h"

namespace rollcall::chaos {
namespace {

constexpr uint64_t kSeed = 1;

TEST(ChaosTest, WhateverBreaksWhatClientsSeeIsSound) {
  Plan plan{.seed = kSeed, .faults = AFewFaults(kSeed)};
  if (const char* keep_in = std::getenv("ROLLCALL_CHAOS_KEEP")) plan.keep_in = keep_in;
  EXPECT_THAT(chaos::Run(plan, std::cout), testing::IsEmpty());
}

}  // namespace
}  // namespace rollcall::chaos
