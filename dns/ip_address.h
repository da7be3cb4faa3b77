// IpAddress: an IPv4 or IPv6 address as its octets, in network order. Plain value.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace rollcall::dns {

using Ipv4 = std::array<uint8_t, 4>;
using Ipv6 = std::array<uint8_t, 16>;
using IpAddress = std::variant<Ipv4, Ipv6>;

// "10.8.0.1" or "2001:db8::7"; empty for anything else (a host name, a zone index).
std::optional<IpAddress> ParseIpAddress(std::string_view text);

// The label of an `addr` name: 8 or 32 hex digits. ToHex writes lower case, FromHex reads both.
std::string ToHex(const IpAddress& address);
std::optional<IpAddress> FromHex(std::string_view digits);

}  // namespace rollcall::dns
