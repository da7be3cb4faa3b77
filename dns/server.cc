#include "dns/server.h"

#include <utility>

namespace rollcall::dns {

namespace {

ResponderSetup WithForwarder(ResponderSetup setup, Forwarder* forwarder) {
  setup.forwarder = forwarder;
  return setup;
}

// Null where there are no recursors.
Forwarder* MakeForwarder(boost::asio::io_context* io, const Zone& zone, const Clock* clock,
                         std::optional<Forwarder>* forwarder) {
  RecursorOptions options = zone.options().recursors;
  if (options.servers.empty()) return nullptr;
  options.advertised_payload = zone.options().max_udp_payload;
  return &forwarder->emplace(io, std::move(options), clock);
}

}  // namespace

DnsServer::DnsServer(boost::asio::io_context* io, const ResponderSetup& setup,
                     std::shared_ptr<const Zone> zone, DnsSockets sockets)
    : responder_(zone, WithForwarder(setup, MakeForwarder(io, *zone, setup.clock, &forwarder_))),
      udp_(io, std::move(sockets.udp), &responder_),
      tcp_(io, &sockets, &responder_) {}

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
