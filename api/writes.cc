#include "api/writes.h"

#include <algorithm>
#include <utility>

#include "api/access/guarded_write.h"
#include "api/access/write_rights.h"
#include "api/reply.h"

namespace rollcall::api {

Result<void> CheckWrite(ApiWorker& worker, const acl::Bearer& bearer,
                        const catalog::Snapshot& snapshot, const model::Command& command) {
  if (!worker.bearers().enabled()) return {};
  return CheckWrite(bearer.authorizer, snapshot, command);
}

Result<void> CheckWrite(ApiWorker& worker, const acl::Bearer& bearer,
                        const model::Command& command) {
  return CheckWrite(worker, bearer, *worker.Snapshot(), command);
}

void SubmitAndAnswer(ApiWorker& worker, std::shared_ptr<http::Exchange> exchange,
                     const acl::Bearer& bearer, model::Command command,
                     std::function<http::Response()> answer) {
  SubmitAs(worker, exchange, bearer, std::move(command),
           [exchange, answer = std::move(answer)](Result<catalog::Written> written) {
             exchange->PostToWorker([exchange, answer, written = std::move(written)] {
               if (!written) return exchange->Respond(ErrorResponse(written.error()));
               http::Response response = answer();
               response.change = ChangeOf(*written);
               exchange->Respond(std::move(response));
             });
           });
}

http::Change ChangeOf(const catalog::Written& written) { return {written.index, written.changed}; }

void AddChange(const catalog::Written& written, std::optional<http::Change>* all) {
  if (!*all) all->emplace();
  (*all)->index = std::max((*all)->index, written.index);
  (*all)->is_change = (*all)->is_change || written.changed;
}

Error HeartbeatsNotAccepted() {
  return Unavailable(
      "this server is not sure to be known to the others: send heartbeats to another one");
}

}  // namespace rollcall::api
