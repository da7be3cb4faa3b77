// The rules that nobody writes: of the identities that a token may have instead of policies, and of
// the policy for all of it. Without state: any thread.
// Source: Consul 1.8, agent/structs (the templates of identities and the built-in policy) and
// agent/consul/acl_endpoint.go (which names are valid).
#pragma once

#include <cstddef>
#include <string_view>

#include "registry/acl/rules.h"
#include "registry/base/result.h"

namespace rollcall::acl {

// Bytes of an identity's name.
constexpr size_t kMaxIdentityName = 256;

// Of one who is the service: registers it and its sidecar proxy, and finds all services and nodes.
// kInvalidArgument unless the name is of lower-case letters, digits, "-" and "_", and begins and
// ends with a letter or digit: narrower than what the catalog takes, as in Consul.
Result<Rules> ServiceIdentityRules(std::string_view service);

// Of the agent on a node: registers it, and reads all services. Names as for services.
Result<Rules> NodeIdentityRules(std::string_view node);

// Consul's built-in policy "global-management": write to all there is.
Rules GlobalManagementRules();

}  // namespace rollcall::acl
