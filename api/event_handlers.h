// Handlers of /v1/event: user events, kept in memory and shared by all workers. Nobody acts on
// them but who lists or watches them. They run on their worker's thread.
// Source: Consul's HTTP API documentation (event).
#pragma once

#include <cstddef>

#include "api/access/guard.h"
#include "api/api_worker.h"
#include "api/http/router.h"

namespace rollcall::api {

// A longer payload is refused with 413. Consul's limit is 512 bytes, because gossip carries them.
inline constexpr size_t kMaxEventPayload = 4096;

// PUT event/fire/:name: the body is the payload; ?node=, ?service= and ?tag= are regular
// expressions that say whom it is for. Answers with the event.
http::Handler FireEventHandler(ApiWorker& worker);

// event/list: the last events, the newest last. ?name= takes those of one name; ?node=, ?service=
// and ?tag= those that are for a node, a service, a tag of that name.
// A blocking query, but its index is no counter: it is made from the newest listed event's ID (1
// when there is none), and the query waits while that is exactly the one that it brought.
AccessHandler ListEventsHandler(ApiWorker& worker);

}  // namespace rollcall::api
