#include "dns/reach.h"

#include <string>
#include <string_view>

#include "registry/base/ascii.h"

namespace rollcall::dns {

namespace {

constexpr std::string_view kLanIpv4 = "lan_ipv4";
constexpr std::string_view kLanIpv6 = "lan_ipv6";

std::string_view TextOf(std::string_view address) { return address; }
std::string_view TextOf(const model::ServiceAddress& address) { return address.address; }

// Sets the address of the family that `text` is of; anything else leaves `reach` as it is.
void SetAddress(std::string_view text, Reach* reach) {
  const std::optional<IpAddress> address = ParseIpAddress(text);
  if (!address) return;
  if (const Ipv4* v4 = std::get_if<Ipv4>(&*address)) {
    reach->v4 = *v4;
  } else {
    reach->v6 = std::get<Ipv6>(*address);
  }
}

template <typename Address>
void SetTagged(const model::FlatMap<Address>& tagged, Reach* reach) {
  for (const std::string_view tag : {kLanIpv4, kLanIpv6}) {
    if (const Address* address = model::FindInMap(tagged, tag)) SetAddress(TextOf(*address), reach);
  }
}

template <typename Address>
Reach ReachAt(std::string_view address, const model::FlatMap<Address>& tagged) {
  Reach reach;
  SetAddress(address, &reach);
  SetTagged(tagged, &reach);
  if (!reach.has_address()) {
    const std::optional<DomainName> host = DomainName::FromText(address);
    if (host && !host->is_root()) reach.host = host;
  }
  return reach;
}

}  // namespace

Reach ReachOf(const model::Node& node) { return ReachAt(node.address, node.tagged_addresses); }

Reach ReachOf(const catalog::InstanceEntry& entry) {
  const model::Instance& instance = *entry.instance;
  if (!IsAtNodeAddress(entry)) return ReachAt(instance.address, instance.tagged_addresses);
  Reach reach = ReachOf(*entry.node);
  SetTagged(instance.tagged_addresses, &reach);
  if (reach.has_address()) reach.host.reset();
  return reach;
}

Reach ReachFrom(const DomainName& owner, const catalog::InstanceEntry& entry) {
  Reach reach = ReachOf(entry);
  if (!reach.host || !(*reach.host == owner)) return reach;
  reach = ReachOf(*entry.node);
  if (reach.host && *reach.host == owner) reach.host.reset();
  return reach;
}

bool IsAtNodeAddress(const catalog::InstanceEntry& entry) {
  const std::string_view own = entry.instance->address;
  const std::string_view node = entry.node->address;
  if (own.empty() || EqualsIgnoreCase(own, node)) return true;
  const std::optional<IpAddress> address = ParseIpAddress(own);
  return address && address == ParseIpAddress(node);
}

}  // namespace rollcall::dns
