// IP addresses as labels of names: the hex digits of `addr` names, and the reversed octets and
// nibbles of `in-addr.arpa` and `ip6.arpa`. Any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "dns/domain_name.h"
#include "registry/base/address_prefix.h"
#include "registry/base/ip_address.h"

namespace rollcall::dns {

// The label of an `addr` name: 8 or 32 hex digits. ToHex writes lower case, FromHex reads both.
std::string ToHex(const IpAddress& address);
std::optional<IpAddress> FromHex(std::string_view digits);

// What labels [0, end) spell, last label first: decimal octets without leading zeros (RFC 1035
// section 3.5), or single hex digits (RFC 3596 section 2.5). Empty when they are none, or too many.
// No labels at all cover the whole family. A name below `in-addr.arpa` or `ip6.arpa` covers the
// addresses of its prefix.
std::optional<AddressPrefix> PrefixFromInAddr(const DottedLabels& labels, size_t end);
std::optional<AddressPrefix> PrefixFromIp6(const DottedLabels& labels, size_t end);

}  // namespace rollcall::dns
