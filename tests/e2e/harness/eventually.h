// Waiting for a condition instead of sleeping for a time.
#pragma once

#include <chrono>
#include <thread>

namespace rollcall::e2e {

// Whether `holds()` became true within `timeout`. Asks every 10 ms.
template <typename Predicate>
bool Eventually(Predicate holds, std::chrono::milliseconds timeout = std::chrono::seconds(10)) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!holds()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

}  // namespace rollcall::e2e
