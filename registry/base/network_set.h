// NetworkSet: IP networks, as of whom something is allowed. Plain value: any thread may use its
// own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "registry/base/address_prefix.h"
#include "registry/base/ip_address.h"
#include "registry/base/result.h"

namespace rollcall {

class NetworkSet {
 public:
  NetworkSet() = default;  // holds no address

  // "10.0.0.0/8,fd00::/8,::1": networks in CIDR notation (RFC 4632 section 3.1, RFC 4291 section
  // 2.3), an address alone being the network of itself. An empty text is no network.
  // kInvalidArgument names the one that cannot be read, and what would be right: bits set beyond
  // the prefix are an error, because one of the two was a slip.
  static Result<NetworkSet> Parse(std::string_view text);

  // Loopback, private and link-local networks (RFC 6890), of both families.
  static NetworkSet LocalNetworks();
  // Loopback alone.
  static NetworkSet Loopback();

  // An IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2) counts as the IPv4 address. Allocates
  // nothing.
  bool Contains(const IpAddress& address) const;

  bool empty() const { return networks_.empty(); }

  // As Parse reads it, sorted; each with its prefix length.
  std::string ToText() const;

  // Of the same networks. Networks that make up one larger network are not that network.
  friend bool operator==(const NetworkSet& a, const NetworkSet& b);

 private:
  std::vector<AddressPrefix> networks_;  // sorted, each once, no IPv4-mapped ones
};

}  // namespace rollcall
