// What the operating system says of this process. Any thread.
#pragma once

#include <cstdint>

namespace rollcall::api {

// 0 where the system does not say.
struct ProcessStats {
  double cpu_seconds = 0;  // of all threads, in user and system mode
  uint64_t resident_bytes = 0;
  uint64_t open_fds = 0;
  uint64_t max_fds = 0;
};

ProcessStats ReadProcessStats();

}  // namespace rollcall::api
