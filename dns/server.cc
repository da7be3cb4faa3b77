#include "dns/server.h"

#include <utility>

namespace rollcall::dns {

DnsServer::DnsServer(const DnsWorker& worker, std::shared_ptr<const Zone> zone, DnsSockets sockets)
    : responder_(std::move(zone), worker.catalog, worker.seed, worker.clock),
      udp_(worker.io, std::move(sockets.udp), &responder_),
      tcp_(worker.io, &sockets, &responder_) {}

void DnsServer::Start() {
  udp_.Start();
  tcp_.Start();
}

void DnsServer::Stop() {
  udp_.Stop();
  tcp_.Stop();
}

}  // namespace rollcall::dns
