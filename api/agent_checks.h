// Handlers of /v1/agent/checks and /v1/agent/check: the checks of the server's own node. They run
// on their worker's thread.
#pragma once

#include "api/access/guard.h"
#include "api/api_worker.h"
#include "registry/model/records.h"

namespace rollcall::api {

AccessHandler AgentChecksHandler(ApiWorker& worker);

// PUT agent/check/register. The server's own check is refused.
AccessHandler AgentRegisterCheckHandler(ApiWorker& worker);
// PUT agent/check/deregister/:id. What is not there, or is the server's own, is no error.
AccessHandler AgentDeregisterCheckHandler(ApiWorker& worker);

// check/pass, warn, fail: the status, with ?note= as output. Renewing a check that says the same
// already writes nothing.
AccessHandler AgentCheckStatusHandler(ApiWorker& worker, model::CheckStatus status);
// check/update: status and output from the body.
AccessHandler AgentCheckUpdateHandler(ApiWorker& worker);

}  // namespace rollcall::api
