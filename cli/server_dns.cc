#include "cli/server_dns.h"

#include <random>
#include <string>

#include "cli/access_settings.h"
#include "registry/base/ip_address.h"
#include "registry/base/network_set.h"

namespace rollcall::cli {
namespace {

dns::CookieSecret DrawCookieSecret() {
  dns::CookieSecret secret;
  std::random_device entropy;
  for (uint8_t& octet : secret) octet = static_cast<uint8_t>(entropy());
  return secret;
}

}  // namespace

dns::DnsOptions DnsOptionsOf(const ServerOptions& options) {
  dns::DnsOptions dns;
  dns.domain = options.domain;
  dns.alt_domain = options.alt_domain;
  dns.datacenter = options.datacenter;
  dns.node_name = options.node;
  dns.node_ttl = options.node_ttl;
  dns.service_ttl = options.service_ttl;
  dns.negative_ttl = options.negative_ttl;
  dns.minimal_any = options.dns_any == "minimal";
  dns.only_passing = options.only_passing;
  dns.max_udp_payload = static_cast<uint16_t>(options.max_udp_payload);
  dns.order = options.dns_order;
  dns.max_answers = options.dns_max_answers;
  dns.tcp.idle_timeout = options.dns_idle_timeout;
  dns.recursors.servers = options.recursors;
  dns.recursors.timeout = options.recursor_timeout;
  dns.allow_recursion = options.allow_recursion;
  return dns;
}

DnsResources::DnsResources(const ServerOptions& options, const Clock& clock)
    : connections(options.dns_max_connections, options.dns_max_connections_per_address) {
  shared.cookie_secret =
      options.dns_cookie_secret ? *options.dns_cookie_secret : DrawCookieSecret();
  if (options.dns_rate_limit != 0) {
    rate_limiter.emplace(static_cast<uint32_t>(options.dns_rate_limit), clock.Now());
    shared.rate_limiter = &*rate_limiter;
  }
  shared.tcp_connections = &connections;
  shared.access = BearerOptionsOf(options);
  shared.token = &token;
}

Result<void> CheckRecursors(const ServerOptions& options, uint16_t dns_port) {
  for (const dns::RecursorAddress& recursor : options.recursors) {
    const std::string text = recursor.ToText();
    const bool is_local =
        options.dns->address == "0.0.0.0" || options.dns->address == "::"
            ? NetworkSet::Parse("127.0.0.0/8,::1").value().Contains(recursor.address)
            : ParseIpAddress(options.dns->address) == recursor.address;
    if (recursor.port == dns_port && is_local) {
      return InvalidArgument("recursor \"" + text + "\": that is this server's own DNS");
    }
  }
  return {};
}

}  // namespace rollcall::cli
