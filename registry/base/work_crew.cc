#include "registry/base/work_crew.h"

#include <sched.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace rollcall {
namespace {

// So many pieces wait for each helper: one while it does another, and one to spare.
constexpr size_t kWaitingForEach = 2;

}  // namespace

size_t WorkCrew::OtherCores(size_t most) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  const bool is_known = ::sched_getaffinity(0, sizeof cores, &cores) == 0;
  // It is not on a machine with more cores than the set has room for.
  const size_t all = is_known ? static_cast<size_t>(CPU_COUNT(&cores))
                              : static_cast<size_t>(std::thread::hardware_concurrency());
  return all == 0 ? 0 : std::min(most, all - 1);
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

void WorkCrew::StartHelper() {
  try {
    helpers_.emplace_back([this] { Run(); });
  } catch (const std::system_error&) {
    most_helpers_ = helpers_.size();
  }
}

void WorkCrew::Do(std::function<void()> piece) {
  if (helpers_.size() < most_helpers_) StartHelper();
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() < kWaitingForEach * helpers_.size()) {
      waiting_.push_back(std::move(piece));
      changed_.notify_one();
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

void WorkCrew::DoFirst(std::unique_lock<std::mutex>* lock) noexcept {
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
