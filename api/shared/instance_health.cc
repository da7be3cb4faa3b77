#include "api/shared/instance_health.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "api/shared/agent_json.h"
#include "api/shared/error_response.h"
#include "registry/base/printable.h"
#include "registry/model/json.h"
#include "registry/model/maintenance.h"

namespace rollcall::api {
namespace {

using http::Request;
using model::CheckStatus;
using nlohmann::ordered_json;

std::string_view NameOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPassing:
      return "passing";
    case Verdict::kWarning:
      return "warning";
    case Verdict::kCritical:
      return "critical";
    case Verdict::kMaintenance:
      break;
  }
  return "maintenance";
}

int StatusOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPassing:
      return 200;
    case Verdict::kWarning:
      return 429;
    case Verdict::kCritical:
    case Verdict::kMaintenance:
      break;
  }
  return 503;
}

Verdict VerdictOf(const model::Check& check) {
  if (model::IsMaintenance(check)) return Verdict::kMaintenance;
  switch (check.status) {
    case CheckStatus::kPassing:
      return Verdict::kPassing;
    case CheckStatus::kWarning:
      return Verdict::kWarning;
    case CheckStatus::kCritical:
      break;
  }
  return Verdict::kCritical;
}

// As these endpoints alone show a check: without its type, its definition spelled out and empty.
ordered_json BareCheckJson(const model::Check& check) {
  ordered_json object = model::CheckJson(check);
  object["Type"] = "";
  object["Definition"] = {
      {"Interval", "0s"}, {"Timeout", "0s"},        {"DeregisterCriticalServiceAfter", "0s"},
      {"HTTP", ""},       {"Header", nullptr},      {"Method", ""},
      {"Body", ""},       {"TLSSkipVerify", false}, {"TCP", ""}};
  return object;
}

// Accept goes first, as in Consul.
bool WantsText(const Request& request) {
  const auto accept = request.FindHeader("Accept");
  if (accept && accept->starts_with("text/plain")) return true;
  return request.FindQuery("format") == "text";
}

http::Response TextAnswer(int status, std::string_view text) {
  http::Response response;
  response.status = status;
  response.body = std::string(text);
  response.AddHeader("Content-Type", "text/plain");
  return response;
}

}  // namespace

InstanceHealth HealthOf(const model::Instance& instance,
                        const std::vector<const model::Check*>& checks) {
  InstanceHealth health;
  ordered_json list = ordered_json::array();
  for (const model::Check* check : checks) {
    health.verdict = std::max(health.verdict, VerdictOf(*check));
    list.push_back(BareCheckJson(*check));
  }
  health.json = {{"AggregatedStatus", NameOf(health.verdict)},
                 {"Service", model::AgentServiceJson(instance)},
                 {"Checks", std::move(list)}};
  return health;
}

http::Response HealthByIdAnswer(const Request& request, const InstanceHealth* health) {
  const std::string id(request.PathParameter("id"));
  if (id.empty()) return ErrorResponse(InvalidArgument("Missing serviceID"));
  if (health == nullptr) {
    if (WantsText(request)) return TextAnswer(404, "ServiceId " + Printable(id) + " not found");
    const ordered_json unknown = {
        {"AggregatedStatus", "critical"}, {"Service", nullptr}, {"Checks", nullptr}};
    return JsonAnswer(request, unknown, 404);
  }
  const int status = StatusOf(health->verdict);
  return WantsText(request) ? TextAnswer(status, NameOf(health->verdict))
                            : JsonAnswer(request, health->json, status);
}

http::Response HealthByNameAnswer(const Request& request, std::vector<InstanceHealth> all) {
  const std::string name(request.PathParameter("name"));
  if (name.empty()) return ErrorResponse(InvalidArgument("Missing service Name"));
  Verdict worst = Verdict::kPassing;
  ordered_json list = ordered_json::array();
  for (InstanceHealth& health : all) {
    worst = std::max(worst, health.verdict);
    list.push_back(std::move(health.json));
  }
  const bool known = !list.empty();
  const int status = known ? StatusOf(worst) : 404;
  if (!WantsText(request)) return JsonAnswer(request, list, status);
  return known ? TextAnswer(status, NameOf(worst))
               : TextAnswer(404, "ServiceName " + Printable(name) + " Not Found");
}

}  // namespace rollcall::api
