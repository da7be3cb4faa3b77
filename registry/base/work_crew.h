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
  // So many threads beside the caller's; with none, the caller does everything.
  explicit WorkCrew(size_t helpers);
  // Waits for what is under way.
  ~WorkCrew();
  WorkCrew(const WorkCrew&) = delete;
  WorkCrew& operator=(const WorkCrew&) = delete;

  // As many helpers as leave each of this process's cores a thread; at most `most`.
  static size_t IdleCores(size_t most);

  // Has `piece` done by a helper at some time, or does it here and now when enough is waiting for
  // them: so nobody is idle, and what waits is bounded. Pieces do not throw.
  void Do(std::function<void()> piece);

  // Returns when all pieces are done; does some of those that wait.
  void Wait();

 private:
  using Pieces = std::deque<std::function<void()>>;

  void Run();
  // Does the first that waits, while the lock is not held.
  void DoFirst(std::unique_lock<std::mutex>* lock);

  std::mutex mutex_;
  std::condition_variable changed_;
  Pieces waiting_;
  size_t under_way_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> helpers_;
};

}  // namespace rollcall
