#include "registry/base/work_crew.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace rollcall {
namespace {

TEST(WorkCrewTest, DoesEveryPieceOnce) {
  for (const size_t helpers : {0U, 1U, 4U}) {
    std::vector<std::atomic<int>> done(1000);
    WorkCrew crew(helpers);
    for (auto& piece : done) crew.Do([&piece] { ++piece; });
    crew.Wait();
    for (auto& piece : done) EXPECT_EQ(piece, 1) << helpers;
    // And again after it has waited.
    crew.Do([&] { ++done.front(); });
    crew.Wait();
    EXPECT_EQ(done.front(), 2);
  }
}

TEST(WorkCrewTest, WaitsForAllWhenItEnds) {
  std::atomic<int> done = 0;
  {
    WorkCrew crew(2);
    for (int i = 0; i < 20; ++i) {
      crew.Do([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        ++done;
      });
    }
  }
  EXPECT_EQ(done, 20);
}

TEST(WorkCrewTest, WithoutHelpersTheCallerDoesAll) {
  WorkCrew crew(0);
  std::thread::id by;
  crew.Do([&] { by = std::this_thread::get_id(); });
  EXPECT_EQ(by, std::this_thread::get_id());
}

TEST(WorkCrewTest, CallerHelpsWhenEnoughIsWaiting) {
  WorkCrew crew(1);
  std::mutex held;
  std::unique_lock lock(held);
  std::atomic<bool> by_caller = false;
  const auto caller = std::this_thread::get_id();
  // The helper waits for the lock; more pieces than may wait for it come to the caller.
  crew.Do([&] { const std::lock_guard until(held); });
  for (int i = 0; i < 10; ++i) {
    crew.Do([&] { by_caller = by_caller || std::this_thread::get_id() == caller; });
  }
  EXPECT_TRUE(by_caller);
  lock.unlock();
  crew.Wait();
}

TEST(WorkCrewTest, LeavesACoreToTheCaller) {
  EXPECT_LT(WorkCrew::IdleCores(1000), std::thread::hardware_concurrency());
  EXPECT_EQ(WorkCrew::IdleCores(0), 0u);
}

}  // namespace
}  // namespace rollcall
