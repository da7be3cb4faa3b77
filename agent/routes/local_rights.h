// Who may change what of this host. Pure functions, on the agent's loop.
//
// What a program writes is judged by its names and by those of what it would replace or remove:
// whoever may write one service must not take an instance or a check away from another by its ID.
// Each is kPermissionDenied, "Permission denied", unless `may` allows it.
// Source: Consul 1.8, agent/acl.go (vetServiceRegister, vetServiceUpdate, vetCheckRegister,
// vetCheckUpdate). As the registry's (api/access/write_rights.h) it goes further in two things: a
// check that comes along with a service must not take the place of somebody else's, and an ID that
// nothing has is asked about as the node's, so that nobody learns which there are.
#pragma once

#include <string>

#include "agent/local_state.h"
#include "registry/acl/authorizer.h"
#include "registry/base/result.h"
#include "registry/model/definition.h"

namespace rollcall::agent {

// service:write of the service, and of the one whose instance it would replace.
Result<void> CheckRegistration(const acl::Authorizer& may, const LocalState& state,
                               const model::AgentService& service);
// service:write of the service that it is of, or node:write; and the same for one that it replaces.
Result<void> CheckRegistration(const acl::Authorizer& may, const LocalState& state,
                               const model::AgentCheck& check);

// Removing, maintenance: service:write.
Result<void> CheckChangeOfService(const acl::Authorizer& may, const LocalState& state,
                                  const std::string& id);
// Removing, its status: service:write, or node:write for a check of the node.
Result<void> CheckChangeOfCheck(const acl::Authorizer& may, const LocalState& state,
                                const std::string& id);

}  // namespace rollcall::agent
