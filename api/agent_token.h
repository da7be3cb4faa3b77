// Handler of /v1/agent/token: the tokens that the server uses where a request brings none. It runs
// on its worker's thread. Source: Consul 1.8's HTTP API documentation (agent, update ACL tokens).
#pragma once

#include "api/api_worker.h"
#include "api/http/router.h"

namespace rollcall::api {

// agent/token/:name with {"Token": SECRET}; empty: none any more. `default` (and the older
// `acl_token`) is that of who presents none, `dns` that of DNS. `agent`, `replication` and theirs
// are taken and mean nothing to a server, which asks nobody. Kept until the server ends: what
// it is to begin with stands in its configuration file. 401 where access is not controlled.
http::Handler AgentTokenHandler(ApiWorker& worker);

}  // namespace rollcall::api
