// The server, put together: store, catalog, workers, DNS, HTTP, the checks of its own node.
#pragma once

#include <functional>

#include "cli/server_options.h"
#include "registry/base/result.h"

namespace rollcall::cli {

// The settings as they are now: the same flags over the configuration file as it has become.
using ReadOptions = std::function<Result<ServerOptions>()>;

// Runs until SIGTERM, SIGINT or a request to leave. Logs to stderr once everything is up; an error
// before that is returned with nothing logged, so that it is one line. `read_again` is called on
// the same thread for each SIGHUP or request to reload; empty when there is no file to read.
Result<void> RunServer(const ServerOptions& options, const ReadOptions& read_again);

}  // namespace rollcall::cli
