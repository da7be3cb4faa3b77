// How what a client asks for is handed to the catalog under his rights: they are looked at when it
// is submitted, and again, by the catalog's writer, on the very state that the command meets. A
// token that has been removed meanwhile writes nothing, and neither does one whose right was to
// another service than is there now.
// Worker's thread, but for `done`.
#pragma once

#include <memory>

#include "api/api_worker.h"
#include "api/http/exchange.h"
#include "registry/access/bearer.h"
#include "registry/catalog/writer.h"
#include "registry/model/command.h"

namespace rollcall::api {

// Where something that the rights depend on has changed while the command waited, it is judged
// anew, and submitted again when it is still allowed: so often.
inline constexpr int kMostGuardedAttempts = 8;

// Has the commands of one request carried out in the order in which they are submitted, those of
// one node where the store is shared: when one is judged anew, so are those behind it, which would
// pass it otherwise. Made by the worker, then the catalog's writer's alone.
struct WriteOrder {
  int given_back = 0;  // attempts up to this one are over: one of the commands was given back
};

// `done` is called once, on the worker's thread or the catalog's writer's. Errors:
// kPermissionDenied for what the bearer may not write (api/access/write_rights.h), or when he is
// good no more; kUnavailable after kMostGuardedAttempts; and those of Catalog::Submit. Without
// access control it is Catalog::Submit. `order`: null, or that of all commands of the request,
// which are submitted one after another by one call of its handler.
void SubmitAs(ApiWorker& worker, std::shared_ptr<http::Exchange> exchange,
              const acl::Bearer& bearer, model::Command command, catalog::Done done,
              std::shared_ptr<WriteOrder> order = nullptr);

}  // namespace rollcall::api
