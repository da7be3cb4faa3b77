#include "api/answer_read.h"

#include <algorithm>
#include <utility>

#include "api/reply.h"

namespace rollcall::api {

using catalog::Snapshot;

bool IsReadDue(const Snapshot& snapshot, const Read& read, Index min_index) {
  if (!min_index.is_set()) return true;
  const Index known = std::max(snapshot.index(), Index(1));
  return min_index > known || read.index(snapshot) > min_index;
}

void AnswerRead(ApiWorker& worker, std::shared_ptr<http::Exchange> exchange,
                const QueryOptions& options, Read read) {
  const auto shared = std::make_shared<const Read>(std::move(read));
  worker.parked().Answer(std::move(exchange),
                         {shared->key, options.wait,
                          [shared, min_index = options.min_index](const Snapshot& snapshot) {
                            return IsReadDue(snapshot, *shared, min_index);
                          },
                          [shared, options](const Snapshot& snapshot) {
                            const Index index = std::max(shared->index(snapshot), Index(1));
                            return CatalogResponse(shared->render(snapshot), index, options);
                          }});
}

}  // namespace rollcall::api
