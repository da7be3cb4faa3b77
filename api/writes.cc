#include "api/writes.h"

#include <utility>

#include "api/access/write_rights.h"
#include "api/reply.h"

namespace rollcall::api {

Result<void> CheckWrite(ApiWorker& worker, const acl::Bearer& bearer,
                        const model::Command& command) {
  if (!worker.bearers().enabled()) return {};
  return CheckWrite(bearer.authorizer, *worker.Snapshot(), command);
}

void SubmitAndAnswer(ApiWorker& worker, std::shared_ptr<http::Exchange> exchange,
                     const acl::Bearer& bearer, model::Command command,
                     std::function<http::Response()> answer) {
  if (Result<void> ok = CheckWrite(worker, bearer, command); !ok) {
    return exchange->Respond(ErrorResponse(ok.error()));
  }
  worker.catalog().Submit(
      std::move(command), [exchange = std::move(exchange),
                           answer = std::move(answer)](Result<catalog::Written> written) {
        exchange->PostToWorker([exchange, answer, written = std::move(written)] {
          exchange->Respond(written ? answer() : ErrorResponse(written.error()));
        });
      });
}

Error HeartbeatsNotAccepted() {
  return Unavailable(
      "this server is not sure to be known to the others: send heartbeats to another one");
}

}  // namespace rollcall::api
