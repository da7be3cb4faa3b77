#include "registry/base/once_cell.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace rollcall {
namespace {

TEST(OnceCellTest, IsEmptyUntilMade) {
  OnceCell<int> cell;
  EXPECT_EQ(cell.Get(), nullptr);
  EXPECT_EQ(cell.GetOrMake([] { return std::make_unique<const int>(7); }), 7);
  EXPECT_EQ(*cell.Get(), 7);
}

TEST(OnceCellTest, ThreadsThatRaceSeeOneValue) {
  for (int round = 0; round < 200; ++round) {
    OnceCell<int> cell;
    std::atomic<int> made{0};
    std::vector<const int*> seen(4);
    std::vector<std::thread> threads;
    threads.reserve(seen.size());
    for (const int*& place : seen) {
      threads.emplace_back([&cell, &made, &place] {
        place = &cell.GetOrMake([&made] { return std::make_unique<const int>(made++); });
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const int* place : seen) EXPECT_EQ(place, cell.Get());
  }
}

}  // namespace
}  // namespace rollcall
