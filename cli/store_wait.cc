#include "cli/store_wait.h"

#include <spdlog/spdlog.h>

#include <csignal>

namespace rollcall::cli {
namespace {

constexpr std::chrono::seconds kPause{1};
constexpr std::chrono::minutes kReminder{1};
constexpr std::chrono::seconds kLeastBetween{10};

}  // namespace

void StoreWait::TakeSignals() {
  if (stop_) return;
  stop_.emplace(loop_, SIGTERM, SIGINT);
  stop_->async_wait([this](boost::system::error_code error, int) { was_stopped_ = !error; });
}

bool StoreWait::IsWorthAnotherTry(const Error& error) {
  if (error.code != ErrorCode::kUnavailable) return false;
  TakeSignals();
  const Clock::time_point now = Clock::now();
  if (told_.empty()) began_ = now;
  const auto since = now - told_at_;
  if (told_.empty() || since >= kReminder || (error.message != told_ && since >= kLeastBetween)) {
    spdlog::warn("{}; waiting for it, nothing is served until then", error.message);
    told_ = error.message;
    told_at_ = now;
  }
  loop_.run_for(kPause);  // or until a signal comes
  if (was_stopped_) spdlog::info("stopped while waiting for etcd");
  return !was_stopped_;
}

void StoreWait::End() {
  if (told_.empty()) return;
  const auto waited = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - began_);
  spdlog::info("etcd is there, after {} s", waited.count());
  told_.clear();
}

}  // namespace rollcall::cli
