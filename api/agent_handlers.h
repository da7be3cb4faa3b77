// Handlers of /v1/agent on the server: its own node's services and checks, which live in the
// catalog like all others. They run on their worker's thread.
#pragma once

#include "api/api_worker.h"
#include "api/http/router.h"
#include "registry/model/records.h"

namespace rollcall::api {

http::Handler AgentSelfHandler(ApiWorker& worker);
http::Handler AgentServicesHandler(ApiWorker& worker);
http::Handler AgentChecksHandler(ApiWorker& worker);

http::Handler AgentRegisterServiceHandler(ApiWorker& worker);
http::Handler AgentDeregisterServiceHandler(ApiWorker& worker);
http::Handler AgentRegisterCheckHandler(ApiWorker& worker);
http::Handler AgentDeregisterCheckHandler(ApiWorker& worker);

// check/pass, warn, fail: the status, with ?note= as output. Renewing a check that says the same
// already writes nothing.
http::Handler AgentCheckStatusHandler(ApiWorker& worker, model::CheckStatus status);
// check/update: status and output from the body.
http::Handler AgentCheckUpdateHandler(ApiWorker& worker);

}  // namespace rollcall::api
