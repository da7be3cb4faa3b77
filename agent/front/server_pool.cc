#include "agent/front/server_pool.h"

#include <boost/asio/io_context.hpp>

namespace rollcall::front {

using std::chrono::steady_clock;

ServerPool::Lease& ServerPool::Lease::operator=(Lease&& other) noexcept {
  if (this == &other) return *this;
  Return();
  pool_ = std::exchange(other.pool_, nullptr);
  use_ = other.use_;
  connection_ = std::move(other.connection_);
  return *this;
}

void ServerPool::Lease::Return() {
  if (connection_ == nullptr) return;
  ServerPool& pool = *std::exchange(pool_, nullptr);
  --pool.in_use_;
  if (use_ == Use::kWaiting) --pool.waiting_;
  const auto connection = std::exchange(connection_, nullptr);
  if (connection->IsReusable()) {
    pool.Keep(connection);
  } else {
    connection->Close();
  }
}

ServerPool::ServerPool(boost::asio::io_context& loop, probe::HttpUrl server,
                       std::optional<TlsTowards> tls, const PoolLimits& limits)
    : loop_(loop),
      server_(std::move(server)),
      tls_(std::move(tls)),
      limits_(limits),
      timer_(std::make_shared<boost::asio::steady_timer>(loop)) {}

ServerPool::~ServerPool() {
  for (const Kept& kept : kept_) kept.connection->Close();
}

ServerPool::Lease ServerPool::Take(Use use, From from) {
  if (use != Use::kProbe && in_use_ >= limits_.max_connections) return {};
  if (use == Use::kWaiting && waiting_ >= limits_.max_waiting) return {};
  std::shared_ptr<ServerConnection> connection;
  while (from == From::kKeptOrNew && connection == nullptr && !kept_.empty()) {
    connection = std::move(kept_.back().connection);
    kept_.pop_back();
    if (!connection->IsStale()) continue;
    connection->Close();
    connection = nullptr;
  }
  if (connection == nullptr) {
    connection = std::make_shared<ServerConnection>(loop_, server_, tls_ ? &*tls_ : nullptr);
  }
  ++in_use_;
  if (use == Use::kWaiting) ++waiting_;
  return {*this, use, std::move(connection)};
}

void ServerPool::Keep(std::shared_ptr<ServerConnection> connection) {
  if (kept_.size() >= limits_.max_kept) {
    kept_.front().connection->Close();
    kept_.pop_front();
  }
  kept_.push_back({std::move(connection), steady_clock::now() + limits_.keep});
  if (kept_.size() == 1) ArmTimer();
}

void ServerPool::ArmTimer() {
  if (kept_.empty()) return;
  timer_->expires_at(kept_.front().until);
  timer_->async_wait([this, here = std::weak_ptr(timer_)](boost::system::error_code cancelled) {
    if (cancelled || here.expired()) return;
    const auto now = steady_clock::now();
    while (!kept_.empty() && kept_.front().until <= now) {
      kept_.front().connection->Close();
      kept_.pop_front();
    }
    ArmTimer();
  });
}

}  // namespace rollcall::front
