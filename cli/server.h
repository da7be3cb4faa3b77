// The server, put together: store, catalog, workers, DNS, HTTP, the checks of its own node.
#pragma once

#include "cli/server_options.h"
#include "registry/base/result.h"

namespace rollcall::cli {

// Runs until SIGTERM or SIGINT. Logs to stderr once everything is up; an error before that is
// returned with nothing logged, so that it is one line.
Result<void> RunServer(const ServerOptions& options);

}  // namespace rollcall::cli
