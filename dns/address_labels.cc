#include "dns/address_labels.h"

#include <charconv>
#include <cstdint>
#include <span>

namespace rollcall::dns {

namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

std::span<const uint8_t> OctetsOf(const IpAddress& address) {
  return std::visit([](const auto& octets) { return std::span<const uint8_t>(octets); }, address);
}

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

std::optional<uint8_t> DecimalOctet(std::string_view label) {
  if (label.empty() || (label.size() > 1 && label.front() == '0')) return std::nullopt;
  uint8_t octet = 0;
  const char* const last = label.data() + label.size();
  const auto [end, error] = std::from_chars(label.data(), last, octet);
  if (error != std::errc() || end != last) return std::nullopt;
  return octet;
}

}  // namespace

std::string ToHex(const IpAddress& address) {
  std::string digits;
  for (const uint8_t octet : OctetsOf(address)) {
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

std::optional<AddressPrefix> PrefixFromInAddr(const DottedLabels& labels, size_t end) {
  Ipv4 octets{};
  if (end > octets.size()) return std::nullopt;
  for (size_t i = 0; i < end; ++i) {
    const std::optional<uint8_t> octet = DecimalOctet(labels[end - 1 - i]);
    if (!octet) return std::nullopt;
    octets[i] = *octet;
  }
  return AddressPrefix{octets, end * 8};
}

std::optional<AddressPrefix> PrefixFromIp6(const DottedLabels& labels, size_t end) {
  Ipv6 octets{};
  if (end > 2 * octets.size()) return std::nullopt;
  for (size_t i = 0; i < end; ++i) {
    const std::string_view label = labels[end - 1 - i];
    const size_t nibble = label.size() == 1 ? kHexDigits.find(label.front()) : kHexDigits.npos;
    if (nibble == kHexDigits.npos) return std::nullopt;
    octets[i / 2] = static_cast<uint8_t>(octets[i / 2] | nibble << (i % 2 == 0 ? 4 : 0));
  }
  return AddressPrefix{octets, end * 4};
}

}  // namespace rollcall::dns
