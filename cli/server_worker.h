// ServerWorker: one of the server's threads with everything that it serves: an event loop, an HTTP
// server, a DNS server, the queries that are parked on it.
//
// Made, started and destroyed by the main thread; between Start and Join everything in it belongs
// to its own thread.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "api/api_worker.h"
#include "api/http/router.h"
#include "api/http/server.h"
#include "api/http/tls_context.h"
#include "dns/server.h"
#include "registry/base/clock.h"
#include "registry/base/result.h"
#include "registry/catalog/catalog.h"

namespace rollcall::cli {

class ServerWorker {
 public:
  // `catalog`, `info`, `shared` and `clock` outlive the worker.
  ServerWorker(catalog::Catalog& catalog, const api::ServerInfo& info, api::SharedState& shared,
               const Clock& clock, uint64_t seed);

  // Before Start. The first worker claims the port, the others come alongside.
  Result<void> ListenHttp(const http::Server::Options& options);
  Result<void> ListenHttpAlongside(const ServerWorker& first);
  // What `shared` points to outlives the worker.
  void ServeDns(const std::shared_ptr<const dns::Zone>& zone, const dns::DnsShared& shared,
                dns::DnsSockets sockets);

  void Start();
  // Any thread, while the worker runs: DNS answers from `zone`, of the same Zone::shape();
  // `done` is then called on the worker's thread.
  void SetZone(std::shared_ptr<const dns::Zone> zone, std::function<void()> done);
  // Likewise: HTTPS connections begin with `context` from now on.
  void SetTls(std::shared_ptr<const http::TlsContext> context, std::function<void()> done);
  // Likewise: requests are limited by these from now on; null: not at all.
  void SetLimits(std::shared_ptr<api::RequestLimits> limits, std::function<void()> done);
  // Any thread: lets what runs finish, answers what waits, and ends the thread.
  void Drain(std::chrono::milliseconds grace);
  void Join();

  boost::asio::io_context& loop() { return loop_; }
  // 0: it is off.
  uint16_t http_port() const { return http_->port(); }
  uint16_t https_port() const { return http_->tls_port(); }

  // Any thread, once it listens. Null: it serves no DNS.
  const http::Counters& http_counters() const { return http_->counters(); }
  size_t http_connections() const { return http_->connection_count(); }
  const dns::DnsCounters* dns_counters() const { return dns_ ? &dns_->counters() : nullptr; }
  // Null where there are no recursors either.
  const dns::ForwarderCounters* forwarder_counters() const {
    return dns_ ? dns_->forwarder_counters() : nullptr;
  }

 private:
  const Clock& clock_;
  const uint64_t seed_;
  boost::asio::io_context loop_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> keep_running_;
  catalog::SnapshotReader dns_reader_;
  api::ApiWorker api_;
  const http::Router router_;
  std::unique_ptr<http::Server> http_;
  std::optional<dns::DnsServer> dns_;
  std::thread thread_;
};

}  // namespace rollcall::cli
