#include "dns/srv_target.h"

#include "registry/base/ip_address.h"

namespace rollcall::dns {

namespace {

std::optional<IpAddress> OnlyAddress(const Reach& reach) {
  if (reach.v4) return IpAddress(*reach.v4);
  if (reach.v6) return IpAddress(*reach.v6);
  return std::nullopt;
}

std::optional<SrvTarget> AddressTarget(const IpAddress& address, const Zone& zone,
                                       const DomainName& apex) {
  const std::optional<DomainName> name = zone.AddressName(address, apex);
  if (!name) return std::nullopt;
  SrvTarget target{*name, Reach()};
  if (const Ipv4* v4 = std::get_if<Ipv4>(&address)) {
    target.reach.v4 = *v4;
  } else {
    target.reach.v6 = std::get<Ipv6>(address);
  }
  return target;
}

}  // namespace

std::optional<SrvTarget> SrvTargetOf(const catalog::InstanceEntry& entry, const DomainName& owner,
                                     const Zone& zone, const DomainName& apex) {
  const Reach reach = ReachFrom(owner, entry);
  if (reach.host) return SrvTarget{*reach.host, Reach()};
  const Reach own = ReachOf(entry);
  const bool refers_to_itself = own.host.has_value();  // and so is at its node's address
  if (refers_to_itself || IsAtNodeAddress(entry)) {
    const Reach node = ReachOf(*entry.node);
    const std::optional<DomainName> name = zone.NodeName(entry.node->name, apex);
    if (name && node.has_address()) return SrvTarget{*name, node};
  }
  const std::optional<IpAddress> registered = ParseIpAddress(entry.instance->address);
  const std::optional<IpAddress> address = registered ? registered : OnlyAddress(reach);
  if (!address) return std::nullopt;
  return AddressTarget(*address, zone, apex);
}

}  // namespace rollcall::dns
