// DnsCounters: what one worker's DNS servers have done since they started. Written by that worker
// alone, read by any thread: plain additions without order among them.
#pragma once

#include <array>
#include <cstddef>

#include "dns/constants.h"
#include "registry/base/counter.h"

namespace rollcall::dns {

struct DnsCounters {
  Counter udp_queries;  // well-formed enough to be answered
  Counter tcp_queries;
  std::array<Counter, static_cast<size_t>(Rcode::kBadCookie) + 1> answers;  // by rcode
  Counter truncated;                                                        // answers with TC
  Counter dropped;          // messages that got no answer, those below not counted
  Counter limited_dropped;  // queries that got no answer because their network had too many
  Counter limited_slipped;  // the same, but answered with TC or BADCOOKIE and no records
  Counter cookies_valid;    // queries with a cookie that we had given to this client
  Counter cookies_other;    // queries with another cookie, or without the server's part
  Counter send_failures;    // answers that the kernel did not take
  Counter tcp_connections;  // accepted
  Counter tcp_refused;      // closed at once, being too many
};

}  // namespace rollcall::dns
