#include "agent/open_files.h"

#include <sys/resource.h>

#include <algorithm>

namespace rollcall::agent {
namespace {

// Two for each of 2,000 blocking queries, and as many for everything else.
constexpr rlim_t kWanted = 8192;
// For checks (1,000 that are under way at once), DNS, the registry, files.
constexpr size_t kReserve = 2048;

}  // namespace

size_t RaiseOpenFileLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;  // the usual one
  if (limit.rlim_cur < kWanted) {
    rlimit wanted = limit;
    wanted.rlim_cur = std::min(limit.rlim_max, kWanted);
    if (setrlimit(RLIMIT_NOFILE, &wanted) == 0) limit = wanted;
  }
  return static_cast<size_t>(limit.rlim_cur);
}

size_t MaxHttpConnections(size_t open_files) {
  const size_t reserve = std::min(kReserve, open_files / 2);
  return std::max<size_t>((open_files - reserve) / 2, 1);
}

}  // namespace rollcall::agent
