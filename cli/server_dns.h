// What a server's options say of DNS, as its workers are given it. Called by the main thread, at
// start and at each reload.
#pragma once

#include <cstdint>
#include <optional>

#include "cli/server_options.h"
#include "dns/server.h"
#include "registry/base/clock.h"
#include "registry/base/connection_counts.h"
#include "registry/base/result.h"

namespace rollcall::cli {

dns::DnsOptions DnsOptionsOf(const ServerOptions& options);

// What the DNS servers of all workers share.
struct DnsResources {
  DnsResources(const ServerOptions& options, const Clock& clock);

  std::optional<dns::RateLimiter> rate_limiter;
  ConnectionCounts connections;
  dns::DnsToken token;
  dns::DnsShared shared;
};

// kInvalidArgument when one of the recursors is this very server, which would be asked by itself,
// again and again.
Result<void> CheckRecursors(const ServerOptions& options, uint16_t dns_port);

}  // namespace rollcall::cli
