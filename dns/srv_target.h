// What an instance's SRV record points at. Any thread.
#pragma once

#include <optional>

#include "dns/domain_name.h"
#include "dns/reach.h"
#include "dns/zone.h"
#include "registry/catalog/snapshot.h"

namespace rollcall::dns {

// A target with the addresses that its name has; none for a host name.
struct SrvTarget {
  DomainName name;
  Reach reach;
};

// The target is, of an instance reached
//   at its node's IP address    <node>.node.<dc>.<domain>
//   at an IP address of its own <hex>.addr.<dc>.<domain>
//   at a host name              that name
// A node whose name cannot be labels of a DNS name (empty or overlong labels) is given out as its
// <hex>.addr name. An instance that has neither address nor valid host name has none.
// `owner` is the name that was asked for, `apex` the domain that it is in.
std::optional<SrvTarget> SrvTargetOf(const catalog::InstanceEntry& entry, const DomainName& owner,
                                     const Zone& zone, const DomainName& apex);

}  // namespace rollcall::dns
