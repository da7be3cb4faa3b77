// How a read of the catalog is answered, blocking when the client asked for it. The rules, beside
// those of every blocking query (api/parked_queries.h):
//   1. It is due when its result's index is greater than the one that it brought.
//   2. An index that the catalog has not reached yet (it was restored from an older state) is
//      answered at once; where other servers write to the log too, once this one has caught up.
//   3. Where the index also moves for what the result does not show (IndexMoves::kAlsoWithoutIt), a
//      query that is parked is due only when the result itself is another one than when it parked.
//      Then it says what its client has seen: its index had not moved.
//   4. The index in the answer is never 0: a client would take it for "do not block".
//   5. What the bearer may see is looked up anew for each answer: a token that has been deleted,
//   has
//      expired or may less than when the query was parked sees no more for having waited.
// What a client may rely on, where several servers share a log: api_worker.h, ReadBounds.
// Worker's thread.
#pragma once

#include <memory>

#include "api/api_worker.h"
#include "api/http/exchange.h"
#include "api/read.h"
#include "api/shared/query_options.h"
#include "registry/access/bearer.h"

namespace rollcall::api {

// Whether `read` is to be answered now to a client that brought `min_index` (unset: none), by rules
// 1 and 2.
bool IsReadDue(const catalog::Snapshot& snapshot, const Read& read, Index min_index);

void AnswerRead(ApiWorker& worker, std::shared_ptr<http::Exchange> exchange,
                const acl::BearerPtr& bearer, const QueryOptions& options, const Read& read);

}  // namespace rollcall::api
