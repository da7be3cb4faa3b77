#include "api/operations_handlers.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "api/reply.h"
#include "api/shared/host_info.h"
#include "api/shared/metrics_answer.h"
#include "api/shared/version_answer.h"

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

http::Handler VersionHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange) {
    const ServerInfo& info = worker.info();
    exchange->Respond(VersionAnswer({info.version, info.revision, info.revision_date}));
  };
}

http::Handler HostHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange) {
    exchange->Respond(http::JsonResponse(Render(HostInfoJson(worker.shared().operations.host))));
  };
}

http::Handler MetricsHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange) {
    const Operations& operations = worker.shared().operations;
    exchange->Respond(MetricsAnswer(exchange->request(), operations.metrics, operations.started));
  };
}

}  // namespace rollcall::api
