// One client's TCP connection to the DNS relay (RFC 7766): messages, length first (RFC 1035,
// section 4.2.2), of which one after the other is answered.
//
// Everything runs on the loop's thread. A connection keeps itself alive until it is closed, and
// ends when it meets that the resolver is gone.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <memory>

#include "agent/dns_resolver.h"

namespace rollcall::agent {

// `*open_connections` is one more while it is open.
void ServeDnsConnection(boost::asio::ip::tcp::socket client, std::weak_ptr<DnsResolver> resolver,
                        std::chrono::milliseconds idle_timeout,
                        std::shared_ptr<int> open_connections);

}  // namespace rollcall::agent
