#include "agent/login/login_times.h"

#include <algorithm>

namespace rollcall::login {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kShortest{1'000};
constexpr milliseconds kLongestRetry{60'000};
constexpr milliseconds kLongestReread{5'000};

milliseconds Part(milliseconds of, double part) {
  return std::chrono::duration_cast<milliseconds>(of * part);
}

milliseconds Growing(int failures, milliseconds longest, double random) {
  const milliseconds limit = kShortest * (1 << std::clamp(failures - 1, 0, 10));
  return Part(std::min(limit, longest), 0.5 + random / 2);
}

}  // namespace

milliseconds RenewalDelay(milliseconds life, double random) {
  return std::max(kShortest, Part(life, 2.0 / 3 * (0.9 + 0.2 * random)));
}

milliseconds RetryDelay(int failures, double random) {
  return Growing(failures, kLongestRetry, random);
}

milliseconds RereadDelay(int failures, double random) {
  return Growing(failures, kLongestReread, random);
}

}  // namespace rollcall::login
