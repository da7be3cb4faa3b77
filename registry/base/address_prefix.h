// AddressPrefix: the IP addresses that begin with the same bits. Plain value.
#pragma once

#include <cstddef>

#include "registry/base/ip_address.h"

namespace rollcall {

// The addresses that begin with the first `bits` of `address`, whose other bits are 0. One address
// when `bits` is its whole length.
struct AddressPrefix {
  IpAddress address;
  size_t bits = 0;

  bool is_whole() const { return bits == (address.index() == 0 ? 32 : 128); }
  bool Covers(const IpAddress& other) const;
};

}  // namespace rollcall
