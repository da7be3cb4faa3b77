#include "cli/store_wait.h"

#include <spdlog/spdlog.h>

#include <thread>

namespace rollcall::cli {
namespace {

constexpr std::chrono::seconds kPause{1};
constexpr std::chrono::minutes kReminder{1};

}  // namespace

bool StoreWait::IsWorthAnotherTry(const Error& error) {
  if (error.code != ErrorCode::kUnavailable) return false;
  const Clock::time_point now = Clock::now();
  if (told_.empty()) began_ = now;
  if (error.message != told_ || now >= tell_again_) {
    spdlog::warn("{}; waiting for it, nothing is served until then", error.message);
    told_ = error.message;
    tell_again_ = now + kReminder;
  }
  std::this_thread::sleep_for(kPause);
  return true;
}

void StoreWait::End() {
  if (told_.empty()) return;
  const auto waited = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - began_);
  spdlog::info("etcd is there, after {} s", waited.count());
  told_.clear();
}

}  // namespace rollcall::cli
