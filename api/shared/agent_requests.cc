#include "api/shared/agent_requests.h"

#include <optional>
#include <string>

#include "registry/base/go_bool.h"
#include "registry/model/json.h"

namespace rollcall::api {

bool WantsReplacedChecks(const http::Request& request) {
  const auto value = request.FindQuery("replace-existing-checks");
  return value && (value->empty() || *value == "true");
}

Result<bool> WantsMaintenance(const http::Request& request) {
  const auto value = request.FindQuery("enable");
  if (!value) return InvalidArgument("Missing value for enable");
  const std::optional<bool> enable = ParseGoBool(*value);
  if (!enable) return InvalidArgument("Invalid value for enable: " + model::Quoted(*value));
  return *enable;
}

std::string_view ReasonFor(const http::Request& request) {
  return request.FindQuery("reason").value_or("");
}

}  // namespace rollcall::api
