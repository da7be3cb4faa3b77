// Handler of PUT catalog/batch, ours: many registrations and deregistrations in one request, which
// share a commit. It runs on its worker's thread.
#pragma once

#include "api/access/guard.h"
#include "api/api_worker.h"

namespace rollcall::api {

// Commands are carried out in their order, each for itself: one that is refused holds up no other.
// Answered when all are durable, with a list of {"Status": 200, "Error": ""}, where Status and
// Error are what the command alone would have been answered with.
AccessHandler BatchHandler(ApiWorker& worker);

}  // namespace rollcall::api
