#include "api/http/deadlines.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>

namespace rollcall::http {

struct Deadlines::Timer {
  explicit Timer(boost::asio::io_context& loop) : wait(loop) {}

  boost::asio::steady_timer wait;
  std::optional<TimePoint> wakes_at;
  Deadlines* owner = nullptr;
};

Deadlines::Deadlines(boost::asio::io_context& loop, const Limits& limits)
    : durations_{limits.handshake_timeout, limits.idle_timeout,  limits.header_timeout,
                 limits.body_timeout,      limits.write_timeout, limits.linger_timeout},
      timer_(std::make_shared<Timer>(loop)) {
  timer_->owner = this;
}

Deadlines::~Deadlines() {
  timer_->owner = nullptr;
  timer_->wait.cancel();
}

void Deadlines::Begin(DeadlineMember& member, DeadlineKind kind) {
  End(member);
  const auto index = static_cast<size_t>(kind);
  if (durations_[index].count() == 0) return;
  member.deadline_ = std::chrono::steady_clock::now() + durations_[index];
  lists_[index].push_back(member);
  WakeBy(member.deadline_);
}

void Deadlines::End(DeadlineMember& member) {
  if (member.is_linked()) member.unlink();
}

// A timer that wakes too early finds nothing due and waits again; so a deadline that is later than
// the next wake-up, which is almost every one, costs nothing here.
void Deadlines::WakeBy(TimePoint deadline) {
  if (timer_->wakes_at && *timer_->wakes_at <= deadline) return;
  timer_->wakes_at = deadline;
  timer_->wait.expires_at(deadline);  // cancels the wait that was there
  timer_->wait.async_wait([timer = timer_](const boost::system::error_code& error) {
    if (error || timer->owner == nullptr) return;
    timer->owner->Expire();
  });
}

void Deadlines::Expire() {
  const TimePoint now = std::chrono::steady_clock::now();
  timer_->wakes_at.reset();
  for (size_t kind = 0; kind < kDeadlineKinds; ++kind) {
    List& list = lists_[kind];
    while (!list.empty() && list.front().deadline_ <= now) {
      DeadlineMember& member = list.front();
      End(member);
      member.OnDeadline(static_cast<DeadlineKind>(kind));
    }
  }
  for (const List& list : lists_) {
    if (!list.empty()) WakeBy(list.front().deadline_);
  }
}

}  // namespace rollcall::http
