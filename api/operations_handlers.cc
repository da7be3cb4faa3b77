#include "api/operations_handlers.h"

#include <prometheus/text_serializer.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "api/host_info.h"
#include "api/metrics_json.h"
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

http::Handler VersionHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange) {
    const ServerInfo& info = worker.info();
    // Clients read the date as a time, so that it must be one.
    const std::string date =
        info.revision_date.empty() ? "1970-01-01T00:00:01Z" : info.revision_date;
    exchange->Respond(http::JsonResponse(Render({{"SHA", info.revision},
                                                 {"BuildDate", date},
                                                 {"HumanVersion", info.version},
                                                 {"FIPS", ""}})));
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
    const std::string format(exchange->request().FindQuery("format").value_or(""));
    if (format.empty()) {
      const auto now = std::chrono::system_clock::now();
      return exchange->Respond(
          http::JsonResponse(Render(MetricsJson(operations.metrics(), operations.started, now))));
    }
    if (format != "prometheus") {
      return exchange->Respond(
          ErrorResponse(InvalidArgument("Unknown format: expected prometheus, or none for JSON")));
    }
    http::Response response;
    response.body = prometheus::TextSerializer().Serialize(operations.metrics());
    response.AddHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    exchange->Respond(std::move(response));
  };
}

}  // namespace rollcall::api
