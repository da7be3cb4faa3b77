// DnsResolver: answers queries from the cache, and else from the registry's DNS servers. Queries of
// one key that come while it is on its way wait for the same answer. A server that is silent does
// not hold a query up for long: the next one is asked too. While none can be reached, what is kept
// is served stale (RFC 8767).
//
// Everything runs on the loop's thread. Held by a shared_ptr: handlers hold weak ones.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/dns_cache.h"
#include "agent/dns_flight.h"
#include "agent/dns_health.h"
#include "agent/dns_message.h"
#include "agent/dns_udp_upstream.h"
#include "registry/base/counter.h"

namespace rollcall::agent {

struct DnsResolverLimits {
  size_t pending_queries = 1024;
  // How long a server may be silent before the next one is asked as well.
  std::chrono::milliseconds next_server_after{300};
  // How long a client waits before it gets a stale answer. RFC 8767, section 5, recommends 1.8 s,
  // with resolvers in mind that ask across the Internet; the registry is on the same network.
  std::chrono::milliseconds stale_after{500};
  std::chrono::milliseconds answer_timeout{2000};
  DnsCache::Limits cache;
};

class DnsResolver : public std::enable_shared_from_this<DnsResolver> {
 public:
  using Servers = std::vector<boost::asio::ip::udp::endpoint>;

  // `clock`, by which answers age, outlives it.
  DnsResolver(boost::asio::io_context& loop, const DnsResolverLimits& limits, const Clock& clock);
  ~DnsResolver();

  // Whom to ask from now on, over UDP and TCP, the first one first; what is on its way goes to
  // these. The first kMaxDnsServers count.
  void UseServers(Servers servers);

  // `reply` is called once, perhaps before this returns; or never, if the resolver is destroyed.
  void Ask(DnsQuery query, DnsReply reply);

  // Answers by where they came from.
  struct Counters {
    Counter cache;
    Counter stale;
    Counter registry;
    Counter failed;  // there was none: SERVFAIL
  };
  const Counters& counters() const { return counters_; }

 private:
  DnsHealth& HealthOf(DnsTransport transport);
  DnsOctets ServeKept(const DnsCache::Found& found, const DnsQuery& query);
  DnsOctets ServFailTo(const DnsQuery& query);  // too much is on its way
  bool IsFull() const;
  // To the log, if no server can be reached.
  void TellIfUnreachable(DnsTransport transport);

  // A flight's life. Functions that return bool: whether it still flies.
  DnsFlight* Start(DnsQuery* query);
  void Wait(DnsFlight* flight, DnsQuery query, DnsReply reply);
  bool AskNext(DnsFlight* flight);
  bool Send(DnsFlight* flight, size_t server);
  bool IsWorthWaiting(const DnsFlight& flight);
  void Arm(DnsFlight* flight);
  void OnTimer(DnsFlight* flight);
  void OnLate(DnsFlight* flight);
  void Deliver(DnsFlight* flight, DnsView answer);
  void Fail(DnsFlight* flight);
  std::vector<DnsFlight::Waiter> End(DnsFlight* flight);
  DnsFlight* FindFlight(uint16_t id);

  void OnUdpMessage(size_t server, DnsView message);
  void OnAnswer(DnsFlight* flight, size_t server, DnsView answer);
  void OnUdpRefused(size_t server);
  DnsTcpExchange::Verdict OnTcpEnd(uint16_t id, size_t server, DnsView answer);
  void OnServerFailed(DnsFlight* flight, size_t server);

  boost::asio::io_context& loop_;
  const DnsResolverLimits limits_;
  const Clock& clock_;
  std::mt19937 random_{std::random_device{}()};
  DnsCache cache_;
  Servers servers_;
  std::vector<std::shared_ptr<DnsUdpUpstream>> udp_;  // of the servers
  std::vector<std::shared_ptr<DnsTcpUpstream>> tcp_;  // likewise
  // By transport: TCP may be closed where UDP is not.
  DnsHealth udp_health_;
  DnsHealth tcp_health_;
  std::unordered_map<uint16_t, std::unique_ptr<DnsFlight>> flights_;
  std::unordered_map<std::string, DnsFlight*> by_key_;
  size_t waiting_ = 0;             // clients, of all flights
  bool told_unreachable_ = false;  // the log says it once
  Counters counters_;
};

}  // namespace rollcall::agent
