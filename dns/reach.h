// Where a node or an instance is reached: IP addresses, or else a host name.
// Any thread.
#pragma once

#include <optional>

#include "dns/domain_name.h"
#include "registry/base/ip_address.h"
#include "registry/catalog/snapshot.h"
#include "registry/model/records.h"

namespace rollcall::dns {

// At most one address of each family. `host` is set only when there is neither. All are empty for
// an address that is neither an IP address nor a valid name.
struct Reach {
  std::optional<Ipv4> v4;
  std::optional<Ipv6> v6;
  std::optional<DomainName> host;

  bool has_address() const { return v4 || v6; }
};

// The tagged addresses lan_ipv4 and lan_ipv6 add the other family, as in Consul.
Reach ReachOf(const model::Node& node);
// The instance's own, where it has one, else its node's.
Reach ReachOf(const catalog::InstanceEntry& entry);

// Where `entry` is reached by one who asked for `owner`. An instance whose address is the very name
// that was asked for is at its node's address: following it would lead nowhere.
Reach ReachFrom(const DomainName& owner, const catalog::InstanceEntry& entry);

// Whether an instance is reached at its node's address: it has none of its own, or the same one.
bool IsAtNodeAddress(const catalog::InstanceEntry& entry);

}  // namespace rollcall::dns
