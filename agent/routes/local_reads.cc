#include "agent/routes/local_reads.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "api/filter/filter.h"
#include "api/shared/agent_json.h"
#include "api/shared/error_response.h"
#include "api/shared/instance_health.h"
#include "api/shared/query_options.h"
#include "api/shared/service_answer.h"
#include "registry/base/ascii.h"
#include "registry/model/json.h"

namespace rollcall::agent {
namespace {

using http::Request;
using nlohmann::ordered_json;
using ExchangePtr = std::shared_ptr<http::Exchange>;

http::Handler Read(RouteContext& context,
                   http::Response (*read)(const LocalState& state, const Request& request)) {
  return [&context, read](const ExchangePtr& exchange) {
    exchange->Respond(read(context.state, exchange->request()));
  };
}

http::Response Services(const LocalState& state, const Request& request) {
  const auto filter =
      api::filter::Filter<model::Instance>::Parse(request.FindQuery("filter").value_or(""));
  if (!filter) return api::ErrorResponse(filter.error());
  ordered_json::object_t services;
  for (const auto& [id, instance] : state.instances()) {
    if (!filter->Matches(*instance)) continue;
    services.emplace_back(instance->id, model::AgentServiceJson(*instance));
  }
  return api::JsonAnswer(request, std::move(services));
}

http::Response Checks(const LocalState& state, const Request& request) {
  const auto filter =
      api::filter::Filter<model::Check>::Parse(request.FindQuery("filter").value_or(""));
  if (!filter) return api::ErrorResponse(filter.error());
  ordered_json::object_t checks;
  for (const auto& check : state.Checks()) {
    if (!filter->Matches(*check)) continue;
    checks.emplace_back(check->check_id, model::CheckJson(*check));
  }
  return api::JsonAnswer(request, std::move(checks));
}

// Null when there is none.
const model::Instance* Find(const LocalState& state, std::string_view id) {
  const auto found = state.instances().find(id);
  return found == state.instances().end() ? nullptr : found->second.get();
}

void AnswerService(RouteContext& context, const ExchangePtr& exchange) {
  const Request& request = exchange->request();
  const LocalState& state = context.state;
  const Result<api::QueryOptions> options =
      api::ParseQueryOptions(request, {context.info.datacenter, state.node().name.view()});
  if (!options) return exchange->Respond(api::ErrorResponse(options.error()));
  const std::string id(request.PathParameter("id"));
  const std::string known_hash(request.FindQuery("hash").value_or(""));
  const auto answer = [&state, &request, id] {
    return api::ServiceAnswer(request, Find(state, id));
  };
  if (known_hash.empty()) return exchange->Respond(answer());
  const auto has_changed = [&state, id, known_hash] {
    const model::Instance* instance = Find(state, id);
    return instance == nullptr || api::ContentHash(*instance) != known_hash;
  };
  context.parked.Answer(exchange, {options->wait, has_changed, answer});
}

// The checks of the instance, then those of the node.
api::InstanceHealth HealthOf(const model::Instance& instance,
                             const std::vector<std::shared_ptr<const model::Check>>& all) {
  std::vector<const model::Check*> checks;
  for (const auto& check : all) {
    if (EqualsIgnoreCase(check->service_id, instance.id)) checks.push_back(check.get());
  }
  for (const auto& check : all) {
    if (check->service_id.empty()) checks.push_back(check.get());
  }
  return api::HealthOf(instance, checks);
}

http::Response HealthById(const LocalState& state, const Request& request) {
  const model::Instance* instance = Find(state, request.PathParameter("id"));
  if (instance == nullptr) return api::HealthByIdAnswer(request, nullptr);
  const api::InstanceHealth health = HealthOf(*instance, state.Checks());
  return api::HealthByIdAnswer(request, &health);
}

http::Response HealthByName(const LocalState& state, const Request& request) {
  const std::string_view name = request.PathParameter("name");
  const auto checks = state.Checks();
  std::vector<api::InstanceHealth> all;
  for (const auto& [id, instance] : state.instances()) {
    if (EqualsIgnoreCase(instance->service, name)) all.push_back(HealthOf(*instance, checks));
  }
  return api::HealthByNameAnswer(request, std::move(all));
}

}  // namespace

http::Handler ServicesHandler(RouteContext& context) { return Read(context, Services); }
http::Handler ChecksHandler(RouteContext& context) { return Read(context, Checks); }
http::Handler ServiceHandler(RouteContext& context) {
  return [&context](const ExchangePtr& exchange) { AnswerService(context, exchange); };
}
http::Handler HealthByIdHandler(RouteContext& context) { return Read(context, HealthById); }
http::Handler HealthByNameHandler(RouteContext& context) { return Read(context, HealthByName); }

}  // namespace rollcall::agent
