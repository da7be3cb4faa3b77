#include "cli/server_worker.h"

#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "api/routes.h"

namespace rollcall::cli {

ServerWorker::ServerWorker(catalog::Catalog& catalog, const api::ServerInfo& info,
                           api::SharedState& shared, const Clock& clock, uint64_t seed)
    : clock_(clock),
      seed_(seed),
      keep_running_(loop_.get_executor()),
      dns_reader_(catalog.snapshots()),
      api_(loop_, catalog, info, shared, seed),
      router_(api::Routes(api_)) {}

Result<void> ServerWorker::ListenHttp(const http::Server::Options& options) {
  auto server = http::Server::Listen(loop_, options, router_);
  if (!server) return server.error();
  http_ = std::move(*server);
  return {};
}

Result<void> ServerWorker::ListenHttpAlongside(const ServerWorker& first) {
  auto server = first.http_->ListenAlongside(loop_, router_);
  if (!server) return server.error();
  http_ = std::move(*server);
  return {};
}

void ServerWorker::ServeDns(const std::shared_ptr<const dns::Zone>& zone,
                            const dns::DnsShared& shared, dns::DnsSockets sockets) {
  dns_.emplace(dns::DnsWorker{&loop_, &dns_reader_, &clock_, seed_}, shared, zone,
               std::move(sockets));
}

void ServerWorker::Start() {
  if (dns_) dns_->Start();
  http_->Start();
  thread_ = std::thread([this] {
    while (true) {
      try {
        loop_.run();
        return;
      } catch (const std::exception& error) {
        // Whatever one request did, the others go on.
        spdlog::error("a worker's handler failed: {}", error.what());
      }
    }
  });
}

void ServerWorker::SetZone(std::shared_ptr<const dns::Zone> zone, std::function<void()> done) {
  boost::asio::post(loop_, [this, zone = std::move(zone), done = std::move(done)]() mutable {
    if (dns_) dns_->SetZone(std::move(zone));
    done();
  });
}

void ServerWorker::SetTls(std::shared_ptr<const http::TlsContext> context,
                          std::function<void()> done) {
  boost::asio::post(loop_, [this, context = std::move(context), done = std::move(done)]() mutable {
    http_->SetTls(std::move(context));
    done();
  });
}

void ServerWorker::SetLimits(std::shared_ptr<api::RequestLimits> limits,
                             std::function<void()> done) {
  boost::asio::post(loop_, [this, limits = std::move(limits), done = std::move(done)]() mutable {
    api_.SetLimits(std::move(limits));
    done();
  });
}

void ServerWorker::Drain(std::chrono::milliseconds grace) {
  boost::asio::post(loop_, [this, grace] {
    http_->Drain(grace, [this] {
      // DNS is served to the last: it costs nothing to finish, and resolvers would wait for a
      // retry.
      if (dns_) dns_->Stop();
      keep_running_.reset();
      loop_.stop();
    });
  });
}

void ServerWorker::Join() {
  if (thread_.joinable()) thread_.join();
}

}  // namespace rollcall::cli
