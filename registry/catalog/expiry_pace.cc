#include "registry/catalog/expiry_pace.h"

#include <ctime>

namespace rollcall::catalog {
namespace {

// What the work may take beyond its CPU time where nothing else wants the core: interrupts, and a
// share for what the machine does besides.
constexpr double kUnshared = 1.25;
// A tenth of the core: for each part of work, nine parts of rest. With a fifth those who asked lost
// more than that fifth (docs/performance.md): what the work does to the caches comes on top.
constexpr int kRest = 9;

}  // namespace

ExpiryPace::Times ExpiryPace::Now() {
  timespec cpu{};
  (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
  return {std::chrono::steady_clock::now(),
          std::chrono::seconds(cpu.tv_sec) + std::chrono::nanoseconds(cpu.tv_nsec)};
}

void ExpiryPace::Took(const Times& began, const Times& worked, const Times& ended, double share) {
  const std::chrono::duration<double, std::nano> wall = worked.wall - began.wall;
  const std::chrono::duration<double, std::nano> cpu = worked.cpu - began.cpu;
  const std::chrono::duration<double, std::nano> commit = ended.cpu - worked.cpu;
  const bool is_shared = wall > cpu * kUnshared;
  const auto rest = std::chrono::duration_cast<Wall::duration>((cpu + commit * share) * kRest);
  next_ = is_shared ? ended.wall + rest : ended.wall;
}

}  // namespace rollcall::catalog
