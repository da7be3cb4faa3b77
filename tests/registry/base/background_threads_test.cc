#include "registry/base/background_threads.h"

#include <gtest/gtest.h>

#include <thread>

namespace rollcall {
namespace {

// The policy of a thread that is started now.
int PolicyOfNewThread() {
  int policy = -1;
  std::thread([&policy] { policy = ::sched_getscheduler(0); }).join();
  return policy;
}

TEST(BackgroundThreadsTest, ThreadsStartedMeanwhileAreInTheBackground) {
  ASSERT_EQ(::sched_getscheduler(0), SCHED_OTHER);
  {
    const BackgroundThreads background;
    EXPECT_EQ(PolicyOfNewThread(), SCHED_BATCH);
  }
  EXPECT_EQ(PolicyOfNewThread(), SCHED_OTHER);
}

TEST(BackgroundThreadsTest, APolicyThatWasChosenIsKept) {
  std::thread([] {
    const sched_param priority{};
    ASSERT_EQ(::sched_setscheduler(0, SCHED_IDLE, &priority), 0);
    {
      const BackgroundThreads background;
      EXPECT_EQ(::sched_getscheduler(0), SCHED_IDLE);
    }
    EXPECT_EQ(::sched_getscheduler(0), SCHED_IDLE);
  }).join();
}

}  // namespace
}  // namespace rollcall
