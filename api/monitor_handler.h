// Handler of /v1/agent/monitor: streams the server's log, a line for each line, as it is written.
#pragma once

#include "api/api_worker.h"
#include "api/http/router.h"

namespace rollcall::api {

// ?loglevel= is the least severe level that is shown (default info), ?logjson asks for JSON. A
// client that reads too slowly loses lines, and is told how many.
http::Handler MonitorHandler(ApiWorker& worker);

}  // namespace rollcall::api
