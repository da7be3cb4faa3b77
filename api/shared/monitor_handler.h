// Handler of /v1/agent/monitor: streams the log of the process, a line for each line, as it is
// written.
#pragma once

#include <functional>
#include <memory>

#include "api/http/exchange.h"
#include "api/http/router.h"
#include "api/shared/log_monitor.h"

namespace rollcall::api {

// ?loglevel= is the least severe level that is shown (default info), ?logjson asks for JSON. A
// client that reads too slowly loses lines, and is told how many.
http::Handler MonitorHandler(LogMonitor& log);

// The same of one request, for as long as its client may: `still_may` is asked on the worker's
// thread, before each line and at least once a second; where it says no the answer ends.
void FollowLog(LogMonitor& log, const std::shared_ptr<http::Exchange>& exchange,
               std::function<bool()> still_may);

}  // namespace rollcall::api
