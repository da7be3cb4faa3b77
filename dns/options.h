// DnsOptions: what the server's configuration says about DNS. Plain values.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "dns/recursor_options.h"
#include "dns/service_ttls.h"
#include "registry/base/network_set.h"

namespace rollcall::dns {

// Limits of DNS over TCP (RFC 7766 section 6).
struct TcpOptions {
  // A connection ends when this long no whole query has come, or no answer could be sent.
  std::chrono::milliseconds idle_timeout{10'000};
};

enum class AnswerOrder : uint8_t { kRandom, kStable };  // see order.h

struct DnsOptions {
  std::string domain = "consul";
  std::string alt_domain;  // answered like `domain`; empty: none
  std::string datacenter = "dc1";
  std::string node_name;  // of this server: the zone's NS

  std::chrono::seconds node_ttl{0};
  ServiceTtls service_ttl;
  std::chrono::seconds negative_ttl{0};  // the SOA's minimum (RFC 2308 section 4)

  // The most that a UDP answer may take, and what we tell clients that we receive. 1232 is advised
  // where answers cross networks that drop fragments.
  uint16_t max_udp_payload = 8192;
  AnswerOrder order = AnswerOrder::kRandom;
  size_t max_answers = 0;     // of a service's instances in one answer; 0: as many as fit
  bool only_passing = false;  // leave out instances in state warning
  bool minimal_any = true;    // answer ANY with one record, as RFC 8482 says, instead of everything
  TcpOptions tcp;

  // Who is asked for names outside of our domains, and for whom; no servers: nobody.
  RecursorOptions recursors;
  NetworkSet allow_recursion = NetworkSet::LocalNetworks();
};

}  // namespace rollcall::dns
