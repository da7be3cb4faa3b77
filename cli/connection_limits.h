// How many HTTP connections the server takes: what it was told, or what the process's limit on open
// files allows. Called once, at start.
#pragma once

#include <cstddef>

#include "api/http/limits.h"
#include "cli/server_options.h"
#include "registry/base/result.h"

namespace rollcall::cli {

// Raises the process's soft limit on open files to the hard one, and returns what it is then. The
// soft limit is low for the sake of programs that use select(2), of which this is none.
size_t RaiseOpenFileLimit();

// The limits that the HTTP servers get, with `open_files` as the process's limit. Unless they are
// set, connections in all are what open files leave after a reserve for everything else, and half
// of that for one address, so that no client can take the connections of all others. Error: more
// connections are asked for than there can be.
Result<http::Limits> ResolveLimits(const ServerOptions& options, size_t open_files);

}  // namespace rollcall::cli
