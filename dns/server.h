// DnsServer: one worker's DNS: a responder behind one UDP and one TCP socket. Construct it before
// the worker's thread runs; Start, Stop and destroy it there, or while that thread does not run.
// The counters may be read by any thread as long as the server exists.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "dns/dns_token.h"
#include "dns/forwarder.h"
#include "dns/listen.h"
#include "dns/responder.h"
#include "dns/tcp_server.h"
#include "dns/udp_server.h"
#include "dns/zone.h"
#include "registry/access/bearer_cache.h"
#include "registry/base/clock.h"
#include "registry/catalog/snapshot_holder.h"

namespace rollcall::dns {

// What a worker has that its server uses; all of it outlives the server.
struct DnsWorker {
  boost::asio::io_context* io;
  catalog::SnapshotReader* catalog;  // this worker's own
  const Clock* clock;
  uint64_t seed;  // of the order of answers; another for each worker
};

// What the servers of all workers have in common, and which outlives them.
struct DnsShared {
  CookieSecret cookie_secret{};
  RateLimiter* rate_limiter = nullptr;          // null: no limit
  ConnectionCounts* tcp_connections = nullptr;  // null: no limit
  // Whether the catalog is older than may be answered from: then what is ours gets SERVFAIL. Any
  // thread. Empty: never.
  std::function<bool()> is_too_old = {};
  // How access is controlled, and the token that decides what may be told; never null where it is.
  acl::BearerCache::Options access = {};
  const DnsToken* token = nullptr;
};

class DnsServer {
 public:
  // May throw boost::system::system_error when the kernel has no room to watch the sockets.
  DnsServer(const DnsWorker& worker, const DnsShared& shared,
            const std::shared_ptr<const Zone>& zone, DnsSockets sockets);

  void Start();
  // Answers nothing more and closes all sockets. Any number of times.
  void Stop();

  // On the worker's thread, as Responder::SetZone says.
  void SetZone(std::shared_ptr<const Zone> zone) { responder_.SetZone(std::move(zone)); }

  const DnsCounters& counters() const { return responder_.counters(); }
  // Null where there are no recursors.
  const ForwarderCounters* forwarder_counters() const {
    return forwarder_ ? &forwarder_->counters() : nullptr;
  }

 private:
  std::optional<Forwarder> forwarder_;  // where there are recursors
  Responder responder_;
  UdpServer udp_;
  TcpServer tcp_;
};

}  // namespace rollcall::dns
