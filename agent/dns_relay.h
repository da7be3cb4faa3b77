// DnsRelay: DNS for the programs of this host, over UDP and TCP, as far as clients see it: its
// sockets. What it answers comes from DnsResolver: a cache, filled by the registry's DNS servers.
//
// Everything runs on the loop's thread. Pending queries and connections are bounded.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "agent/dns_resolver.h"
#include "agent/dns_server_lookup.h"
#include "agent/options.h"
#include "agent/probe/endpoint.h"
#include "registry/base/clock.h"
#include "registry/base/result.h"

namespace rollcall::agent {

class DnsRelay {
 public:
  struct Limits {
    DnsResolverLimits resolver;
    int connections = 128;
    std::chrono::milliseconds idle_timeout{10'000};  // of a TCP connection between two queries
  };

  // Opens both sockets. kUnavailable names the address when it is taken. The relay must be
  // destroyed before `loop`, and `loop` must not run any more by then or be running on this very
  // thread. `clock` outlives it; answers age by it.
  static Result<std::unique_ptr<DnsRelay>> Listen(boost::asio::io_context& loop,
                                                  const ListenAddress& where, const Limits& limits,
                                                  const Clock& clock);
  ~DnsRelay();

  // Where queries go from now on, the first one first.
  void SetUpstreams(const std::vector<probe::HostPort>& servers) { lookup_.Find(servers); }

  uint16_t port() const { return port_; }
  const DnsResolver::Counters& counters() const { return resolver_->counters(); }

 private:
  using udp = boost::asio::ip::udp;
  using tcp = boost::asio::ip::tcp;

  DnsRelay(boost::asio::io_context& loop, const Limits& limits, const Clock& clock);
  Result<void> Open(const ListenAddress& where);
  boost::system::error_code Bind(const boost::asio::ip::address& address, uint16_t port);
  void AwaitQueries();
  void OnReadable();
  void OnQuery(DnsView message, const udp::endpoint& client);
  void Accept();
  void AcceptLater();  // out of descriptors: not at once

  const Limits limits_;
  uint16_t port_ = 0;
  std::shared_ptr<DnsResolver> resolver_;
  DnsServerLookup lookup_;
  std::shared_ptr<udp::socket> listening_;  // replies hold weak ones
  tcp::acceptor acceptor_;
  boost::asio::steady_timer accept_again_;
  // Shared with the TCP connections, which may outlive the relay by a moment.
  std::shared_ptr<int> open_connections_ = std::make_shared<int>(0);
};

}  // namespace rollcall::agent
