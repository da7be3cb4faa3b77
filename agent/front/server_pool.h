// ServerPool: the connections to one server: those in use are counted and bounded, those that may
// be used again are kept for a while.
// The loop's thread. The pool outlives its leases.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "agent/front/server_connection.h"

namespace rollcall::front {

struct PoolLimits {
  // Connections in use, for requests that wait long and for all.
  size_t max_waiting = 2'000;
  size_t max_connections = 2'500;
  // Kept after use: as many as come free when one change answers many watches, so that they find
  // them again, and for less time than a server keeps an idle connection open.
  size_t max_kept = 256;
  std::chrono::milliseconds keep{30'000};
};

class ServerPool {
 public:
  // A probe always finds room: it tells what becomes of all the others.
  enum class Use { kShort, kWaiting, kProbe };
  enum class From { kKeptOrNew, kNew };

  // One connection in use. Gives it back, or closes it when it is not to be used again.
  class Lease {
   public:
    Lease() = default;
    Lease(ServerPool& pool, Use use, std::shared_ptr<ServerConnection> connection)
        : pool_(&pool), use_(use), connection_(std::move(connection)) {}
    Lease(Lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)),
          use_(other.use_),
          connection_(std::move(other.connection_)) {}
    Lease& operator=(Lease&& other) noexcept;
    ~Lease() { Return(); }

    explicit operator bool() const { return connection_ != nullptr; }
    ServerConnection& operator*() const { return *connection_; }
    ServerConnection* operator->() const { return connection_.get(); }
    void Return();

   private:
    ServerPool* pool_ = nullptr;
    Use use_ = Use::kShort;
    std::shared_ptr<ServerConnection> connection_;
  };

  // `tls` is needed for an https server.
  ServerPool(boost::asio::io_context& loop, probe::HttpUrl server, std::optional<TlsTowards> tls,
             const PoolLimits& limits);
  ServerPool(const ServerPool&) = delete;
  ServerPool& operator=(const ServerPool&) = delete;
  ~ServerPool();

  // Empty when there are as many as allowed.
  Lease Take(Use use, From from);

 private:
  struct Kept {
    std::shared_ptr<ServerConnection> connection;
    std::chrono::steady_clock::time_point until;
  };

  void Keep(std::shared_ptr<ServerConnection> connection);
  void ArmTimer();

  boost::asio::io_context& loop_;
  const probe::HttpUrl server_;
  std::optional<TlsTowards> tls_;
  const PoolLimits limits_;
  size_t in_use_ = 0;
  size_t waiting_ = 0;
  std::deque<Kept> kept_;  // the one that was used last is the last
  const std::shared_ptr<boost::asio::steady_timer>
      timer_;  // its handler knows by it that we are gone
};

}  // namespace rollcall::front
