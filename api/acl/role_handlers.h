// Handlers that make, change and remove roles. They run on their worker's thread; the route table
// has asked for acl:write. What links to a role that is removed stays as it is, and grants nothing
// by it any more.
// Source: Consul 1.8, agent/consul/acl_endpoint.go (RoleSet, RoleDelete).
#pragma once

#include "api/access/guard.h"
#include "api/api_worker.h"

namespace rollcall::api {

// PUT acl/role.
AccessHandler CreateRoleHandler(ApiWorker& worker);
// PUT acl/role/:id. Without an ID a new one is made.
AccessHandler UpdateRoleHandler(ApiWorker& worker);
// DELETE acl/role/:id. What is not there is no error.
AccessHandler DeleteRoleHandler(ApiWorker& worker);

}  // namespace rollcall::api
