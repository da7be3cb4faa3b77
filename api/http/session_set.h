// SessionSet: the open sessions of one worker, and what they share.
// Worker's thread, except open_count(). Owns the sessions; a session holds the set in turn, until
// it closes and leaves it, so whoever lets a set go closes its sessions first (CloseAll).
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "api/http/counters.h"
#include "api/http/deadlines.h"
#include "api/http/limits.h"
#include "api/http/quiet_log.h"
#include "api/http/socket_poller.h"
#include "registry/base/connection_counts.h"

namespace boost::asio {
class io_context;
}

namespace rollcall::http {

class RequestReader;
class Router;
class Session;
class TlsContext;

class SessionSet : public std::enable_shared_from_this<SessionSet> {
 public:
  using Members = std::list<std::shared_ptr<Session>>;

  // `worker_loop` and `route_table` outlive every session.
  SessionSet(boost::asio::io_context& worker_loop, const Router& route_table,
             const Limits& server_limits, std::shared_ptr<ConnectionCounts> connection_counts);
  ~SessionSet();

  boost::asio::io_context& loop;
  const Router& router;
  const Limits limits;
  const std::shared_ptr<ConnectionCounts> counts;
  Deadlines deadlines;
  SocketPoller poller;
  Counters counters;
  // For connections that begin; null where there is no TLS.
  std::shared_ptr<const TlsContext> tls;

  // Room for one read and for one head with a little content, used between two waits and by no two
  // sessions at once: a session that waits keeps no buffer of its own.
  std::vector<char> read_room;
  std::string head_room;
  // Of the last request that was read to its end, for the next one: most come whole, one by one.
  std::unique_ptr<RequestReader> spare_reader;

  Members::iterator Add(std::shared_ptr<Session> session);
  // A session that only says that it is one too many. Of these only Limits::kMaxRefused are kept:
  // the oldest makes room for the newest, as it has had the longest time to read its answer.
  Members::iterator AddRefused(std::shared_ptr<Session> session);
  // May destroy the session. The last one to leave a draining set ends the drain.
  void Remove(Members::iterator session);

  // Why there is no TLS with a client, now and then: a crowd of them would fill the log. `why` is
  // empty where the client has gone.
  void LogTlsFailure(const std::string& remote_address, const std::string& why);

  bool draining() const { return draining_; }
  // Asks every session to finish, and calls `done` from the loop, once, when none is left.
  void Drain(std::function<void()> done);
  // `done` will not be called any more.
  void AbandonDrain() { drained_ = nullptr; }
  void CloseAll();

  // Any thread.
  size_t open_count() const { return open_count_.load(std::memory_order_relaxed); }

 private:
  void PostDoneIfEmpty();
  std::vector<std::shared_ptr<Session>> Copy() const;

  Members members_;
  std::deque<std::weak_ptr<Session>> refused_;  // oldest first; some have gone
  std::atomic<size_t> open_count_{0};
  bool draining_ = false;
  bool done_posted_ = false;
  std::function<void()> drained_;
  QuietLog tls_failures_;
};

}  // namespace rollcall::http
