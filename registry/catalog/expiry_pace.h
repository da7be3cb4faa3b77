// ExpiryPace: how fast a crowd of passed deadlines is worked off. They expire together where many
// hosts have gone at once, which is when those who ask for the others need their answers. So while
// the writer has to share its core, it takes a tenth of it for expiries and leaves the rest; where
// there is a core to spare it goes on at full speed.
//
// Whether it has to share is seen from its own clocks: work that waits for nothing takes longer
// than its CPU time only when something else had the core meanwhile.
// Belongs to one thread.
#pragma once

#include <chrono>
#include <cstddef>

namespace rollcall::catalog {

class ExpiryPace {
 public:
  // So many deadlines are worked off between two looks at the clock, or fewer when they change much
  // (a node that goes takes with it all that it holds). Commands wait for a batch to end.
  static constexpr size_t kBatch = 1024;
  static constexpr size_t kMutations = 4096;

  using Wall = std::chrono::steady_clock::time_point;
  // The calling thread's clocks.
  struct Times {
    Wall wall;
    std::chrono::nanoseconds cpu{0};  // of this thread
  };
  static Times Now();

  // When the next batch may begin.
  Wall next() const { return next_; }

  // A batch began at `began` and had done what waits for nothing at `worked`; the commit that it
  // was part of, with `share` of all that was in it (0 to 1), has ended at `ended`.
  void Took(const Times& began, const Times& worked, const Times& ended, double share);

 private:
  Wall next_;
};

}  // namespace rollcall::catalog
