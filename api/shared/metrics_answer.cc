#include "api/shared/metrics_answer.h"

#include <prometheus/text_serializer.h>

#include <nlohmann/json.hpp>
#include <string>

#include "api/shared/error_response.h"
#include "api/shared/metrics_json.h"

namespace rollcall::api {

http::Response MetricsAnswer(const http::Request& request,
                             const std::function<std::vector<prometheus::MetricFamily>()>& collect,
                             std::chrono::system_clock::time_point started) {
  const std::string format(request.FindQuery("format").value_or(""));
  if (format.empty()) {
    const auto now = std::chrono::system_clock::now();
    return http::JsonResponse(Render(MetricsJson(collect(), started, now)));
  }
  if (format != "prometheus") {
    return ErrorResponse(InvalidArgument("Unknown format: expected prometheus, or none for JSON"));
  }
  http::Response response;
  response.body = prometheus::TextSerializer().Serialize(collect());
  response.AddHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  return response;
}

}  // namespace rollcall::api
