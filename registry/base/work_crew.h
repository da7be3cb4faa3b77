// WorkCrew: threads that help one thread with work that it has cut into pieces, for as long as the
// crew exists. Belongs to the thread that made it, which is the one that is helped.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace rollcall {

class WorkCrew {
 public:
  // With at most so many helpers, each of which starts when there is a piece for it. Without any,
  // as when the system gives no more threads, the caller does everything.
  explicit WorkCrew(size_t helpers) : most_helpers_(helpers) {}
  // Waits until all is done, as Wait does.
  ~WorkCrew();
  WorkCrew(const WorkCrew&) = delete;
  WorkCrew& operator=(const WorkCrew&) = delete;

  // How many cores the calling thread may use beside the one that it runs on; at most `most`. What
  // a control group allows of their time is not looked at.
  static size_t OtherCores(size_t most);

  // Has `piece` done by a helper at some time, or does it here and now when enough is waiting for
  // them, so that what waits is bounded. A piece that throws ends the process.
  void Do(std::function<void()> piece);

  // Returns when all pieces are done; does some of those that wait.
  void Wait();

 private:
  // A helper's life.
  void Run();
  void StartHelper();
  // Does the first that waits; the lock is released meanwhile.
  void DoFirst(std::unique_lock<std::mutex>* lock) noexcept;

  // The caller's.
  size_t most_helpers_;
  std::vector<std::thread> helpers_;

  std::mutex mutex_;  // of all below
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  size_t under_way_ = 0;
  bool stopping_ = false;
};

}  // namespace rollcall
