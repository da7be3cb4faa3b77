// Handler of /v1/agent/monitor: streams the log of the process, a line for each line, as it is
// written.
#pragma once

#include "api/http/router.h"
#include "api/shared/log_monitor.h"

namespace rollcall::api {

// ?loglevel= is the least severe level that is shown (default info), ?logjson asks for JSON. A
// client that reads too slowly loses lines, and is told how many.
http::Handler MonitorHandler(LogMonitor& log);

}  // namespace rollcall::api
