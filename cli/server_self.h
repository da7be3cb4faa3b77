// What a server says of itself: its own node and service in the catalog, and to the other servers
// of a shared store how it is reached. The main thread's, but for RegisterSelfAgain.
#pragma once

#include <functional>
#include <string>

#include "api/local_node.h"
#include "cli/expiry_link.h"
#include "cli/server_options.h"
#include "registry/base/result.h"
#include "registry/catalog/catalog.h"

namespace rollcall::cli {

// Puts the node, and the service with the port of its HTTP API, into the catalog; waits for a
// shared store that cannot be reached. False: the process was told to end before that could be
// done.
Result<bool> RegisterSelf(catalog::Catalog& catalog, const ServerOptions& options, int http_port);
// The same while the server runs. `done` is called on the catalog's writer thread, or at once.
void RegisterSelfAgain(catalog::Catalog& catalog, const ServerOptions& options, int http_port,
                       std::function<void()> done);

// What the other servers of a shared store find out about this one.
std::string AboutSelf(const ServerOptions& options, const api::ServerInfo& info);

// With which of them this one asks those that are to be asked over TLS: as a server of the group,
// whose certificates have the name that Consul's and those of `rollcall tls` have.
ExpiryLink::Tls AmongServers(const ServerOptions& options);

}  // namespace rollcall::cli
