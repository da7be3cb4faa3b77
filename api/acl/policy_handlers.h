// Handlers that make, change and remove policies. They run on their worker's thread; the route
// table has asked for acl:write. What links to a policy that is removed stays as it is, and grants
// nothing by it any more.
// Source: Consul 1.8, agent/consul/acl_endpoint.go (PolicySet, PolicyDelete).
#pragma once

#include "api/access/guard.h"
#include "api/api_worker.h"

namespace rollcall::api {

// PUT acl/policy.
AccessHandler CreatePolicyHandler(ApiWorker& worker);
// PUT acl/policy/:id. Without an ID a new one is made.
AccessHandler UpdatePolicyHandler(ApiWorker& worker);
// DELETE acl/policy/:id. What is not there is no error.
AccessHandler DeletePolicyHandler(ApiWorker& worker);

}  // namespace rollcall::api
