// The process's limit on open files, and what of it the HTTP API may take. Called at start.
#pragma once

#include <cstddef>

namespace rollcall::agent {

// Raises the soft limit to what an agent may need, as far as the hard one allows, and returns what
// it is then.
size_t RaiseOpenFileLimit();

// How many HTTP connections an agent takes that may have so many files open: a blocking query takes
// two, and checks, the sync and the data directory must never go without.
size_t MaxHttpConnections(size_t open_files);

}  // namespace rollcall::agent
