#include "api/agent_health.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "api/agent_json.h"
#include "api/local_node.h"
#include "api/reply.h"
#include "registry/base/ascii.h"
#include "registry/base/printable.h"
#include "registry/model/json.h"
#include "registry/model/maintenance.h"

namespace rollcall::api {
namespace {

using catalog::InstanceEntry;
using http::Exchange;
using http::Request;
using model::CheckStatus;
using nlohmann::ordered_json;
using ExchangePtr = std::shared_ptr<Exchange>;

// In the order of severity.
enum class Verdict { kPassing, kWarning, kCritical, kMaintenance };

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

struct Health {
  Verdict verdict = Verdict::kPassing;
  ordered_json json;
};

// The checks of the instance and of the node count, but for the server's own.
Health HealthOf(const InstanceEntry& entry) {
  Health health;
  ordered_json checks = ordered_json::array();
  for (const auto* list : {&entry.checks, &entry.node_checks}) {
    for (const auto& check : *list) {
      if (IsServersOwn(*check->check)) continue;
      health.verdict = std::max(health.verdict, VerdictOf(*check->check));
      checks.push_back(BareCheckJson(*check->check));
    }
  }
  health.json = {{"AggregatedStatus", NameOf(health.verdict)},
                 {"Service", model::AgentServiceJson(*entry.instance)},
                 {"Checks", std::move(checks)}};
  return health;
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

void AnswerById(ApiWorker& worker, const ExchangePtr& exchange) {
  const Request& request = exchange->request();
  const std::string id(request.PathParameter("id"));
  if (id.empty()) return exchange->Respond(ErrorResponse(InvalidArgument("Missing serviceID")));
  const auto snapshot = worker.Snapshot();
  const InstanceEntry* entry = FindLocalInstance(*snapshot, worker.info(), id);
  if (entry == nullptr) {
    if (WantsText(request)) {
      return exchange->Respond(TextAnswer(404, "ServiceId " + Printable(id) + " not found"));
    }
    const ordered_json unknown = {
        {"AggregatedStatus", "critical"}, {"Service", nullptr}, {"Checks", nullptr}};
    return exchange->Respond(JsonAnswer(request, unknown, 404));
  }
  const Health health = HealthOf(*entry);
  const int status = StatusOf(health.verdict);
  exchange->Respond(WantsText(request) ? TextAnswer(status, NameOf(health.verdict))
                                       : JsonAnswer(request, health.json, status));
}

void AnswerByName(ApiWorker& worker, const ExchangePtr& exchange) {
  const Request& request = exchange->request();
  const std::string name(request.PathParameter("name"));
  if (name.empty())
    return exchange->Respond(ErrorResponse(InvalidArgument("Missing service Name")));
  const auto snapshot = worker.Snapshot();
  Verdict worst = Verdict::kPassing;
  ordered_json list = ordered_json::array();
  if (const catalog::NodeEntry* node = snapshot->FindNode(worker.info().node_name)) {
    for (const InstanceEntry& entry : node->instances) {
      if (IsServersOwn(*entry.instance)) continue;
      if (!EqualsIgnoreCase(entry.instance->service, name)) continue;
      Health health = HealthOf(entry);
      worst = std::max(worst, health.verdict);
      list.push_back(std::move(health.json));
    }
  }
  const bool known = !list.empty();
  const int status = known ? StatusOf(worst) : 404;
  if (!WantsText(request)) return exchange->Respond(JsonAnswer(request, list, status));
  exchange->Respond(known ? TextAnswer(status, NameOf(worst))
                          : TextAnswer(404, "ServiceName " + Printable(name) + " Not Found"));
}

}  // namespace

http::Handler AgentHealthByIdHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange) { AnswerById(worker, exchange); };
}

http::Handler AgentHealthByNameHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange) { AnswerByName(worker, exchange); };
}

}  // namespace rollcall::api
