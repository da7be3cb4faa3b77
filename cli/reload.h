// Reload: gives a server that runs the settings that have been read again. What of them can be
// applied is planned in server_reload. The main thread's, which waits for the workers.
#pragma once

#include <spdlog/common.h>

#include "api/api_worker.h"
#include "cli/server.h"
#include "cli/server_metrics.h"
#include "cli/server_options.h"
#include "registry/base/clock.h"
#include "registry/base/result.h"

namespace rollcall::cli {

spdlog::level::level_enum LogLevelOf(const ServerOptions& options);

// Any thread: from the next request on.
void SetTokens(const ServerOptions& options, api::SharedState& shared);

// Reads the settings and the certificates again and applies what can be applied to a server that
// runs, all of it or, on an error, nothing. `running` becomes what is in force.
Result<void> Reload(const ReadOptions& read_again, const ServerMetrics::Workers& workers,
                    const Clock& clock, api::SharedState& shared, ServerOptions& running);

}  // namespace rollcall::cli
