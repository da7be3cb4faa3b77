// Handlers that make, change and remove binding rules. They run on their worker's thread; the route
// table has asked for acl:write. Tokens of earlier logins stay as they are.
// Source: Consul 1.8, agent/consul/acl_endpoint.go (BindingRuleSet, BindingRuleDelete).
#pragma once

#include "api/access/guard.h"
#include "api/api_worker.h"

namespace rollcall::api {

// PUT acl/binding-rule.
AccessHandler CreateBindingRuleHandler(ApiWorker& worker);
// PUT acl/binding-rule/:id. Without an ID a new one is made.
AccessHandler UpdateBindingRuleHandler(ApiWorker& worker);
// DELETE acl/binding-rule/:id. What is not there is no error.
AccessHandler DeleteBindingRuleHandler(ApiWorker& worker);

}  // namespace rollcall::api
