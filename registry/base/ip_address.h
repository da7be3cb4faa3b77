// IpAddress: an IPv4 or IPv6 address as its octets, in network order. Plain value.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace rollcall {

using Ipv4 = std::array<uint8_t, 4>;
using Ipv6 = std::array<uint8_t, 16>;
// In order: all of IPv4, then all of IPv6, each by their octets.
using IpAddress = std::variant<Ipv4, Ipv6>;

// "10.8.0.1" or "2001:db8::7"; empty for anything else (a host name, a zone index).
std::optional<IpAddress> ParseIpAddress(std::string_view text);

// The IPv4 address that `address` stands for (RFC 4291 section 2.5.5.2: ::ffff:10.8.0.1), which
// is how clients of IPv4 look on a socket of IPv6; any other address as it is.
IpAddress Unmapped(const IpAddress& address);

}  // namespace rollcall
