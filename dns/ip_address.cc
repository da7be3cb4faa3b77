#include "dns/ip_address.h"

#include <arpa/inet.h>

#include <charconv>
#include <span>

namespace rollcall::dns {

namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

template <typename Octets>
std::optional<IpAddress> OctetsFromHex(std::string_view digits) {
  Octets octets;
  for (size_t i = 0; i < octets.size(); ++i) {
    const char* const first = digits.data() + 2 * i;
    const auto [end, error] = std::from_chars(first, first + 2, octets[i], 16);
    if (error != std::errc() || end != first + 2) return std::nullopt;
  }
  return octets;
}

}  // namespace

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

std::string ToHex(const IpAddress& address) {
  const auto octets =
      std::visit([](const auto& o) { return std::span<const uint8_t>(o); }, address);
  std::string digits;
  for (const uint8_t octet : octets) {
    digits.push_back(kHexDigits[octet >> 4]);
    digits.push_back(kHexDigits[octet & 0xf]);
  }
  return digits;
}

std::optional<IpAddress> FromHex(std::string_view digits) {
  if (digits.size() == 2 * Ipv4().size()) return OctetsFromHex<Ipv4>(digits);
  if (digits.size() == 2 * Ipv6().size()) return OctetsFromHex<Ipv6>(digits);
  return std::nullopt;
}

}  // namespace rollcall::dns
