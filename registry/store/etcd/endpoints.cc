#include "registry/store/etcd/endpoints.h"

#include <algorithm>
#include <utility>

namespace rollcall::store {
namespace {

// One that works for less does not count: else one that always breaks at once would be asked
// without a pause.
constexpr std::chrono::seconds kAWhile{1};

}  // namespace

EtcdEndpoints::EtcdEndpoints(const EtcdOptions& options, std::function<uint64_t()> random)
    : endpoints_(options.endpoints),
      first_pause_(options.timeouts.first_pause),
      longest_pause_(options.timeouts.longest_pause),
      random_(std::move(random)),
      current_(static_cast<size_t>(random_() % endpoints_.size())),
      reasons_(endpoints_.size()),
      pause_(first_pause_) {}

std::chrono::milliseconds EtcdEndpoints::Failed(const std::string& reason, Clock::TimePoint now) {
  if (works_since_ && now - *works_since_ >= kAWhile) {
    failures_ = 0;
    pause_ = first_pause_;
  }
  works_since_.reset();
  reasons_[current_] = reason;
  current_ = (current_ + 1) % endpoints_.size();
  ++failures_;
  return failures_ % endpoints_.size() == 0 ? Pause() : std::chrono::milliseconds(0);
}

std::chrono::milliseconds EtcdEndpoints::Pause() {
  const auto longest = static_cast<uint64_t>(pause_.count());
  pause_ = std::min(pause_ * 2, longest_pause_);
  return std::chrono::milliseconds(longest - random_() % (longest / 2 + 1));
}

void EtcdEndpoints::Works(Clock::TimePoint now) {
  if (!works_since_) works_since_ = now;
  std::fill(reasons_.begin(), reasons_.end(), std::string());
}

std::string EtcdEndpoints::Trouble() const {
  std::string text;
  for (size_t i = 0; i < endpoints_.size(); ++i) {
    if (reasons_[i].empty()) continue;
    if (!text.empty()) text += "; ";
    text += endpoints_[i].Text() + ": " + reasons_[i];
  }
  return text;
}

}  // namespace rollcall::store
