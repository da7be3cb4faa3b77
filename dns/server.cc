#include "dns/server.h"

#include <utility>

namespace rollcall::dns {

DnsServer::DnsServer(boost::asio::io_context* io, const ResponderSetup& setup,
                     std::shared_ptr<const Zone> zone, DnsSockets sockets)
    : responder_(std::move(zone), setup),
      udp_(io, std::move(sockets.udp), &responder_),
      tcp_(io, &sockets, &responder_) {}

void DnsServer::Start() {
  udp_.Start();
  tcp_.Start();
}

void DnsServer::Stop() {
  udp_.Stop();
  tcp_.Stop();
}

}  // namespace rollcall::dns
