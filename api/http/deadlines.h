// Deadlines: the time limits of all sessions of one worker, behind one timer.
//
// Each kind of deadline has one duration, so sessions that wait for the same kind expire in the
// order in which they began to wait: a list per kind, where starting and ending a wait is O(1) and
// costs no system call. A timer per session would cost a heap operation twice in every request.
//
// Worker's thread. Watches nothing that it owns: a session ends its wait before it goes.
#pragma once

#include <array>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include "api/http/limits.h"

namespace boost::asio {
class io_context;
}

namespace rollcall::http {

enum class DeadlineKind { kHandshake, kIdle, kHeader, kBody, kWrite, kLinger };
inline constexpr size_t kDeadlineKinds = 6;

// Base of what has deadlines: at most one at a time. Leaves its list by itself when destroyed.
class DeadlineMember : public boost::intrusive::list_base_hook<
                           boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  virtual void OnDeadline(DeadlineKind kind) = 0;

 protected:
  ~DeadlineMember() = default;

 private:
  friend class Deadlines;
  std::chrono::steady_clock::time_point deadline_;
};

class Deadlines {
 public:
  Deadlines(boost::asio::io_context& loop, const Limits& limits);
  ~Deadlines();

  // Replaces the member's deadline by one of `kind`, counted from now; by none when that kind's
  // duration is 0.
  void Begin(DeadlineMember& member, DeadlineKind kind);
  void End(DeadlineMember& member);

 private:
  using List = boost::intrusive::list<DeadlineMember, boost::intrusive::constant_time_size<false>>;
  using TimePoint = std::chrono::steady_clock::time_point;
  struct Timer;

  void WakeBy(TimePoint deadline);
  void Expire();

  std::array<List, kDeadlineKinds> lists_;
  const std::array<std::chrono::milliseconds, kDeadlineKinds> durations_;
  // Shared with the pending wait, which finds it cancelled when this object has gone.
  std::shared_ptr<Timer> timer_;
};

}  // namespace rollcall::http
