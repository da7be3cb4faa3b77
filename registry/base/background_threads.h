// BackgroundThreads: threads that are started while one lives let all others go first.
//
// A thread that is woken may take the core from the one that runs. One that works for those who
// wait for it anyway (it commits to disk) would only make others slower and fill their caches with
// something else. As SCHED_BATCH (sched(7)) it takes a core that is idle at once, and a busy one
// only when the running thread's turn is over. Its share of the core stays the same.
//
// Made and destroyed on the thread that starts them.
#pragma once

#include <sched.h>

namespace rollcall {

class BackgroundThreads {
 public:
  // Nothing changes where the process was given another policy than the usual one (chrt).
  BackgroundThreads() : applies_(::sched_getscheduler(0) == SCHED_OTHER && Set(SCHED_BATCH)) {}
  ~BackgroundThreads() {
    if (applies_) Set(SCHED_OTHER);
  }
  BackgroundThreads(const BackgroundThreads&) = delete;
  BackgroundThreads& operator=(const BackgroundThreads&) = delete;

 private:
  // Of the calling thread, which the threads that it starts inherit.
  static bool Set(int policy) {
    const sched_param priority{};  // these policies have no other
    return ::sched_setscheduler(0, policy, &priority) == 0;
  }

  const bool applies_;
};

}  // namespace rollcall
