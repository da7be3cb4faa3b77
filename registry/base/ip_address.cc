#include "registry/base/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>

namespace rollcall {

std::optional<IpAddress> ParseIpAddress(std::string_view text) {
  // inet_pton needs a terminated string; no address is longer than this.
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  text.copy(terminated.data(), text.size());
  Ipv4 v4;
  if (inet_pton(AF_INET, terminated.data(), v4.data()) == 1) return v4;
  Ipv6 v6;
  if (inet_pton(AF_INET6, terminated.data(), v6.data()) == 1) return v6;
  return std::nullopt;
}

IpAddress Unmapped(const IpAddress& address) {
  constexpr std::array<uint8_t, 12> kPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  const Ipv6* const v6 = std::get_if<Ipv6>(&address);
  if (v6 == nullptr || !std::equal(kPrefix.begin(), kPrefix.end(), v6->begin())) return address;
  Ipv4 v4;
  std::copy(v6->begin() + kPrefix.size(), v6->end(), v4.begin());
  return v4;
}

}  // namespace rollcall
