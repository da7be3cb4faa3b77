// IP addresses as labels of names: the hex digits of `addr` names, and the reversed octets and
// nibbles of `in-addr.arpa` and `ip6.arpa`. Any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "dns/domain_name.h"
#include "registry/base/ip_address.h"

namespace rollcall::dns {

// The label of an `addr` name: 8 or 32 hex digits. ToHex writes lower case, FromHex reads both.
std::string ToHex(const IpAddress& address);
std::optional<IpAddress> FromHex(std::string_view digits);

// The addresses that a name below `in-addr.arpa` or `ip6.arpa` covers: those that begin with the
// first `bits` of `address`, whose other bits are 0. One address when `bits` is its whole length.
struct AddressPrefix {
  IpAddress address;
  size_t bits = 0;

  bool is_whole() const { return bits == (address.index() == 0 ? 32 : 128); }
  bool Covers(const IpAddress& other) const;
};

// What labels [0, end) spell, last label first: decimal octets without leading zeros (RFC 1035
// section 3.5), or single hex digits (RFC 3596 section 2.5). Empty when they are none, or too many.
// No labels at all cover the whole family.
std::optional<AddressPrefix> PrefixFromInAddr(const DottedLabels& labels, size_t end);
std::optional<AddressPrefix> PrefixFromIp6(const DottedLabels& labels, size_t end);

}  // namespace rollcall::dns
