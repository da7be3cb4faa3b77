#include "api/writes.h"

#include <utility>

#include "api/reply.h"

namespace rollcall::api {

void SubmitAndAnswer(ApiWorker& worker, std::shared_ptr<http::Exchange> exchange,
                     model::Command command, std::function<http::Response()> answer) {
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
