// Handler of PUT /v1/acl/bootstrap: the first token that may do everything, once. It needs no
// token, for there is none that could be presented. Worker's thread.
//
// That it has been done is a record of the catalog, so that all servers of a store know it. Who has
// lost all tokens that may change access control writes the reset index, which a refusal names, to
// the file kBootstrapResetFile in the server's data directory and asks again: the index is that
// record's, so that a file that was forgotten, or a record that was restored from a backup, allows
// nothing by itself. The file is read when a bootstrap is asked for, and removed when it has
// served. Source: Consul 1.8, agent/consul/acl_endpoint.go (BootstrapTokens,
// fileBootstrapResetIndex).
#pragma once

#include "api/api_worker.h"
#include "api/http/router.h"

namespace rollcall::api {

http::Handler BootstrapHandler(ApiWorker& worker);

// Whether somebody has. Any thread.
bool IsBootstrapped(const catalog::Snapshot& snapshot);

}  // namespace rollcall::api
