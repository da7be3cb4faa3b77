#include "dns/server.h"

#include <utility>

namespace rollcall::dns {

namespace {

// Null where there are no recursors.
Forwarder* MakeForwarder(boost::asio::io_context* io, const Zone& zone, const Clock* clock,
                         std::optional<Forwarder>* forwarder) {
  RecursorOptions options = zone.options().recursors;
  if (options.servers.empty()) return nullptr;
  options.advertised_payload = zone.options().max_udp_payload;
  return &forwarder->emplace(io, std::move(options), clock);
}

}  // namespace

DnsServer::DnsServer(const DnsWorker& worker, const DnsShared& shared,
                     const std::shared_ptr<const Zone>& zone, DnsSockets sockets)
    : responder_(zone, {.catalog = worker.catalog,
                        .clock = worker.clock,
                        .seed = worker.seed,
                        .cookie_secret = shared.cookie_secret,
                        .rate_limiter = shared.rate_limiter,
                        .forwarder = MakeForwarder(worker.io, *zone, worker.clock, &forwarder_),
                        .is_too_old = shared.is_too_old,
                        .access = shared.access,
                        .token = shared.token}),
      udp_(worker.io, std::move(sockets.udp), &responder_),
      tcp_(worker.io, &sockets, &responder_, shared.tcp_connections) {}

void DnsServer::Start() {
  udp_.Start();
  tcp_.Start();
}

void DnsServer::Stop() {
  if (forwarder_) forwarder_->Stop();
  udp_.Stop();
  tcp_.Stop();
}

}  // namespace rollcall::dns
