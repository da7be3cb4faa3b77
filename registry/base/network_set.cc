#include "registry/base/network_set.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <compare>
#include <cstdint>
#include <optional>
#include <tuple>

namespace rollcall {

namespace {

// Of an IPv4-mapped IPv6 address, in front of the IPv4 address.
constexpr size_t kMappedBits = 96;

size_t BitsOf(const IpAddress& address) {
  return std::visit([](const auto& octets) { return octets.size() * 8; }, address);
}

// `address` with the bits beyond the first `bits` cleared.
IpAddress Masked(IpAddress address, size_t bits) {
  std::visit(
      [bits](auto& octets) {
        for (size_t i = 0; i < octets.size(); ++i) {
          const size_t kept = std::clamp<size_t>(bits, i * 8, i * 8 + 8) - i * 8;
          octets[i] = static_cast<uint8_t>(octets[i] & (0xff00 >> kept));
        }
      },
      address);
  return address;
}

std::string TextOf(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  std::visit(
      [&text](const auto& octets) {
        const int family = octets.size() == Ipv4().size() ? AF_INET : AF_INET6;
        inet_ntop(family, octets.data(), text.data(), text.size());
      },
      address);
  return text.data();
}

std::string TextOf(const AddressPrefix& network) {
  return TextOf(network.address) + "/" + std::to_string(network.bits);
}

auto SortKey(const AddressPrefix& network) { return std::tie(network.address, network.bits); }

Error BadNetwork(std::string_view text, const std::string& why) {
  return InvalidArgument("bad network \"" + std::string(text) + "\": " + why);
}

Result<AddressPrefix> ParseNetwork(std::string_view text) {
  const size_t slash = text.find('/');
  const std::optional<IpAddress> address = ParseIpAddress(text.substr(0, slash));
  if (!address) {
    return BadNetwork(text,
                      "it begins with no IP address; write it as 10.0.0.0/8, fd00::/8 or ::1");
  }
  AddressPrefix network{*address, BitsOf(*address)};
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const char* const end = digits.data() + digits.size();
    const size_t longest = network.bits;
    const auto [stop, error] = std::from_chars(digits.data(), end, network.bits);
    if (error != std::errc() || stop != end || network.bits > longest) {
      return BadNetwork(
          text, "behind the slash belongs a prefix length from 0 to " + std::to_string(longest));
    }
  }
  const IpAddress masked = Masked(*address, network.bits);
  if (masked != *address) {
    return BadNetwork(text, "bits are set beyond the prefix; write it as " +
                                TextOf(AddressPrefix{masked, network.bits}) + ", or as " +
                                TextOf(*address) + " for that address alone");
  }
  // Contains asks for the IPv4 address.
  const IpAddress unmapped = Unmapped(*address);
  if (unmapped != *address && network.bits >= kMappedBits) {
    return AddressPrefix{unmapped, network.bits - kMappedBits};
  }
  return network;
}

}  // namespace

Result<NetworkSet> NetworkSet::Parse(std::string_view text) {
  NetworkSet set;
  if (text.empty()) return set;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    Result<AddressPrefix> network = ParseNetwork(text.substr(begin, end - begin));
    if (!network) return network.error();
    set.networks_.push_back(*network);
    begin = end + 1;
  }
  std::vector<AddressPrefix>& all = set.networks_;
  const auto before = [](const auto& a, const auto& b) { return SortKey(a) < SortKey(b); };
  const auto same = [](const auto& a, const auto& b) { return SortKey(a) == SortKey(b); };
  std::sort(all.begin(), all.end(), before);
  all.erase(std::unique(all.begin(), all.end(), same), all.end());
  return set;
}

NetworkSet NetworkSet::LocalNetworks() {
  return Parse(
             "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,169.254.0.0/16,"
             "::1,fc00::/7,fe80::/10")
      .value();
}

NetworkSet NetworkSet::Loopback() { return Parse("127.0.0.0/8,::1").value(); }

bool NetworkSet::Contains(const IpAddress& address) const {
  const IpAddress asked = Unmapped(address);
  return std::any_of(networks_.begin(), networks_.end(),
                     [&](const AddressPrefix& network) { return network.Covers(asked); });
}

std::string NetworkSet::ToText() const {
  std::string text;
  for (const AddressPrefix& network : networks_) {
    text += (text.empty() ? "" : ",") + TextOf(network);
  }
  return text;
}

bool operator==(const NetworkSet& a, const NetworkSet& b) {
  return std::equal(a.networks_.begin(), a.networks_.end(), b.networks_.begin(), b.networks_.end(),
                    [](const auto& x, const auto& y) { return SortKey(x) == SortKey(y); });
}

}  // namespace rollcall
