#include "api/operations_handlers.h"

#include <memory>
#include <utility>

#include "api/reply.h"

namespace rollcall::api {

using ExchangePtr = std::shared_ptr<http::Exchange>;

http::Handler ReloadHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange) {
    worker.shared().operations.reload([exchange](Result<void> done) {
      exchange->PostToWorker([exchange, done = std::move(done)] {
        exchange->Respond(done ? http::EmptyResponse(200) : ErrorResponse(done.error()));
      });
    });
  };
}

http::Handler LeaveHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange) {
    exchange->Respond(http::EmptyResponse(200));
    worker.shared().operations.stop();
  };
}

}  // namespace rollcall::api
