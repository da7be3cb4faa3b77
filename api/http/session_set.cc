#include "api/http/session_set.h"

#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "api/http/request_reader.h"
#include "api/http/session.h"

namespace rollcall::http {
namespace {

constexpr size_t kReadRoom = 64 * 1024;

}  // namespace

SessionSet::SessionSet(boost::asio::io_context& worker_loop, const Router& route_table,
                       const Limits& server_limits,
                       std::shared_ptr<ConnectionCounts> connection_counts)
    : loop(worker_loop),
      router(route_table),
      limits(server_limits),
      counts(std::move(connection_counts)),
      deadlines(worker_loop, limits),
      poller(worker_loop),
      read_room(kReadRoom) {}

SessionSet::~SessionSet() = default;

SessionSet::Members::iterator SessionSet::Add(std::shared_ptr<Session> session) {
  open_count_.fetch_add(1, std::memory_order_relaxed);
  return members_.insert(members_.end(), std::move(session));
}

SessionSet::Members::iterator SessionSet::AddRefused(std::shared_ptr<Session> session) {
  while (refused_.size() >= Limits::kMaxRefused) {
    const std::shared_ptr<Session> oldest = refused_.front().lock();
    refused_.pop_front();
    if (oldest) oldest->Close();
  }
  refused_.push_back(session);
  return Add(std::move(session));
}

void SessionSet::Remove(Members::iterator session) {
  open_count_.fetch_sub(1, std::memory_order_relaxed);
  members_.erase(session);
  PostDoneIfEmpty();
}

void SessionSet::LogTlsFailure(const std::string& remote_address, const std::string& why) {
  if (why.empty()) return spdlog::debug("http: {} left during the TLS handshake", remote_address);
  const bool is_time = tls_failures_.IsTime();
  spdlog::log(is_time ? spdlog::level::warn : spdlog::level::debug, "http: no TLS with {}: {}",
              remote_address, why);
}

void SessionSet::Drain(std::function<void()> done) {
  draining_ = true;
  drained_ = std::move(done);
  for (const auto& session : Copy()) session->BeginDrain();
  PostDoneIfEmpty();
}

void SessionSet::CloseAll() {
  for (const auto& session : Copy()) session->Close();
}

void SessionSet::PostDoneIfEmpty() {
  if (!members_.empty() || !drained_ || done_posted_) return;
  done_posted_ = true;
  boost::asio::post(loop, [self = shared_from_this()] {
    if (const auto done = std::exchange(self->drained_, nullptr)) done();
  });
}

// Sessions leave the list while it is walked.
std::vector<std::shared_ptr<Session>> SessionSet::Copy() const {
  return {members_.begin(), members_.end()};
}

}  // namespace rollcall::http
