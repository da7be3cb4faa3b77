#include "api/shared/agent_json.h"

#include <nlohmann/json.hpp>

#include "registry/model/json.h"
#include "registry/model/json_fields.h"

namespace rollcall::api {

Result<nlohmann::json> JsonBody(const http::Request& request) {
  Result<nlohmann::json> body = model::ParseJson(request.body());
  if (!body) return InvalidArgument("Request decode failed: " + body.error().message);
  return body;
}

http::Response JsonAnswer(const http::Request& request, const nlohmann::ordered_json& value,
                          int status) {
  if (!request.HasQuery("pretty")) return http::JsonResponse(model::Dump(value), status);
  return http::JsonResponse(
      value.dump(4, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n", status);
}

}  // namespace rollcall::api
