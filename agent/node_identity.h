// Who this node is: its ID on disk, and the address from which it reaches its registry.
// Called once, at start.
#pragma once

#include <string>

#include "agent/probe/endpoint.h"
#include "registry/base/result.h"

namespace rollcall::agent {

// The UUID in `data_dir`/node-id, made there on the first start. The directory is created. The file
// is written to a temporary name, synced and renamed, so that it is whole or not there.
Result<std::string> EnsureNodeId(const std::string& data_dir);

// The host's own address on the route to `peer`; sends nothing.
Result<std::string> AddressTowards(const probe::HostPort& peer);

}  // namespace rollcall::agent
