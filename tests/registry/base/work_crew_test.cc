#include "registry/base/work_crew.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <cstddef>
#include <mutex>
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
    std::mutex held;
    std::unique_lock lock(held);
    WorkCrew crew(2);
    for (int i = 0; i < 4; ++i) {  // so many may wait, whenever the helpers begin
      crew.Do([&] {
        const std::lock_guard until(held);
        ++done;
      });
    }
    EXPECT_EQ(done, 0);
    lock.unlock();
  }
  EXPECT_EQ(done, 4);
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

TEST(WorkCrewTest, CountsTheCoresThatTheThreadMayUse) {
  std::thread([] {
    cpu_set_t all;
    ASSERT_EQ(::sched_getaffinity(0, sizeof all, &all), 0);
    EXPECT_EQ(WorkCrew::OtherCores(1000), static_cast<size_t>(CPU_COUNT(&all) - 1));
    EXPECT_EQ(WorkCrew::OtherCores(0), 0u);
    cpu_set_t one;
    CPU_ZERO(&one);
    for (int core = 0; CPU_COUNT(&one) == 0; ++core) {
      if (CPU_ISSET(core, &all)) CPU_SET(core, &one);
    }
    ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
    EXPECT_EQ(WorkCrew::OtherCores(1000), 0u);
  }).join();
}

}  // namespace
}  // namespace rollcall
