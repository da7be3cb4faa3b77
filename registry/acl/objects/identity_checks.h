// What Consul demands of the identities that a token or role lists. Without state: any thread.
// Source: Consul 1.8, agent/consul/acl_endpoint.go and acl.go (dedupeServiceIdentities).
#pragma once

#include <string_view>
#include <vector>

#include "registry/acl/objects/objects.h"
#include "registry/base/result.h"

namespace rollcall::acl {

// kInvalidArgument, with `owner` ("token", "role") in it, unless all names are such that there are
// rules for them (identities.h) and each node has a datacenter.
Result<void> CheckIdentities(const std::vector<ServiceIdentity>& services,
                             const std::vector<NodeIdentity>& nodes, std::string_view owner);

// Sorted by name, each service once: with the datacenters of all that name it, sorted, and with
// none, which means everywhere, if one of them has none.
void Normalize(std::vector<ServiceIdentity>* services);
// Sorted by name and datacenter, each pair once.
void Normalize(std::vector<NodeIdentity>* nodes);

}  // namespace rollcall::acl
