#include "registry/base/work_crew.h"

#include <sched.h>

#include <algorithm>
#include <utility>

namespace rollcall {
namespace {

// So many pieces wait for each helper: one while it does another, and one to spare.
constexpr size_t kWaitingForEach = 2;

}  // namespace

size_t WorkCrew::IdleCores(size_t most) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (::sched_getaffinity(0, sizeof cores, &cores) != 0) return 0;  // more cores than the set holds
  return std::min(most, static_cast<size_t>(std::max(CPU_COUNT(&cores) - 1, 0)));
}

WorkCrew::WorkCrew(size_t helpers) {
  helpers_.reserve(helpers);
  for (size_t i = 0; i < helpers; ++i) helpers_.emplace_back([this] { Run(); });
}

WorkCrew::~WorkCrew() {
  Wait();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& helper : helpers_) helper.join();
}

void WorkCrew::Do(std::function<void()> piece) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() < kWaitingForEach * helpers_.size()) {
      waiting_.push_back(std::move(piece));
      changed_.notify_all();
      return;
    }
  }
  piece();
}

void WorkCrew::Wait() {
  std::unique_lock lock(mutex_);
  while (!waiting_.empty() || under_way_ != 0) {
    if (waiting_.empty()) {
      changed_.wait(lock);
    } else {
      DoFirst(&lock);
    }
  }
}

void WorkCrew::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (waiting_.empty()) {
      changed_.wait(lock);
    } else {
      DoFirst(&lock);
    }
  }
}

void WorkCrew::DoFirst(std::unique_lock<std::mutex>* lock) {
  std::function<void()> piece = std::move(waiting_.front());
  waiting_.pop_front();
  ++under_way_;
  lock->unlock();
  piece();
  piece = nullptr;
  lock->lock();
  if (--under_way_ == 0 && waiting_.empty()) changed_.notify_all();
}

}  // namespace rollcall
