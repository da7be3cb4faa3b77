#include "registry/base/address_prefix.h"

#include <cstdint>
#include <span>

namespace rollcall {
namespace {

std::span<const uint8_t> OctetsIn(const IpAddress& address) {
  return std::visit([](const auto& octets) { return std::span<const uint8_t>(octets); }, address);
}

}  // namespace

bool AddressPrefix::Covers(const IpAddress& other) const {
  if (other.index() != address.index()) return false;
  const std::span<const uint8_t> ours = OctetsIn(address);
  const std::span<const uint8_t> theirs = OctetsIn(other);
  for (size_t i = 0; i * 8 < bits; ++i) {
    const size_t wanted = bits - i * 8;
    const int mask = wanted >= 8 ? 0xff : 0xff << (8 - wanted) & 0xff;
    if ((ours[i] & mask) != (theirs[i] & mask)) return false;
  }
  return true;
}

}  // namespace rollcall
