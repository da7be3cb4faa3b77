// Opens the catalog of a server, with the store that its options name. Called once, by the main
// thread, before the workers are there.
#pragma once

#include <memory>

#include "cli/server_options.h"
#include "registry/base/clock.h"
#include "registry/base/result.h"
#include "registry/catalog/catalog.h"
#include "registry/catalog/heard_servers.h"

namespace rollcall::cli {

// Waits for a shared store that cannot be reached yet. Null: the process was told to end before it
// could. `clock` and `heard`, which learns who the servers of a shared store are, outlive the
// catalog. A commit that fails later ends the process.
Result<std::unique_ptr<catalog::Catalog>> OpenCatalog(const ServerOptions& options,
                                                      const Clock& clock,
                                                      catalog::HeardServers& heard);

}  // namespace rollcall::cli
