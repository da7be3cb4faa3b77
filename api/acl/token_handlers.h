// Handlers that make, change and remove tokens. They run on their worker's thread; the route table
// has asked for acl:write. Who has that may grant more than he has himself, as in Consul.
// Source: Consul 1.8, agent/consul/acl_endpoint.go (TokenSet, TokenClone, TokenDelete).
#pragma once

#include "api/access/guard.h"
#include "api/api_worker.h"

namespace rollcall::api {

// PUT acl/token. Here and when a token is cloned the answer has the secret: nothing else ever has.
AccessHandler CreateTokenHandler(ApiWorker& worker);
// PUT acl/token/:accessor. Without an accessor a new one is made.
AccessHandler UpdateTokenHandler(ApiWorker& worker);
// PUT acl/token/:accessor/clone.
AccessHandler CloneTokenHandler(ApiWorker& worker);
// DELETE acl/token/:accessor. What is not there is no error.
AccessHandler DeleteTokenHandler(ApiWorker& worker);

}  // namespace rollcall::api
