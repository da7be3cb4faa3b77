#include "agent/routes/local_reads.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "api/filter/filter.h"
#include "api/shared/access_check.h"
#include "api/shared/agent_json.h"
#include "api/shared/error_response.h"
#include "api/shared/instance_health.h"
#include "api/shared/query_options.h"
#include "api/shared/service_answer.h"
#include "api/shared/sight.h"
#include "registry/base/ascii.h"
#include "registry/model/json.h"

namespace rollcall::agent {
namespace {

using http::Request;
using nlohmann::ordered_json;
using ExchangePtr = std::shared_ptr<http::Exchange>;

http::Response Narrowed(const api::Sight& sight, http::Response response) {
  api::AddNarrowed(sight.was_narrowed(), &response);
  return response;
}

using ReadFunction = http::Response (*)(const LocalState& state, const Request& request,
                                        const acl::Authorizer& may);

access::AccessHandler Read(RouteContext& context, ReadFunction read) {
  return [&context, read](const ExchangePtr& exchange, const access::GrantPtr& grant) {
    exchange->Respond(read(context.state, exchange->request(), grant->authorizer));
  };
}

http::Response Services(const LocalState& state, const Request& request,
                        const acl::Authorizer& may) {
  const auto filter =
      api::filter::Filter<model::Instance>::Parse(request.FindQuery("filter").value_or(""));
  if (!filter) return api::ErrorResponse(filter.error());
  api::Sight sight(may);
  ordered_json::object_t services;
  for (const auto& [id, instance] : state.instances()) {
    if (!sight.Service(instance->service) || !filter->Matches(*instance)) continue;
    services.emplace_back(instance->id, model::AgentServiceJson(*instance));
  }
  return Narrowed(sight, api::JsonAnswer(request, std::move(services)));
}

http::Response Checks(const LocalState& state, const Request& request, const acl::Authorizer& may) {
  const auto filter =
      api::filter::Filter<model::Check>::Parse(request.FindQuery("filter").value_or(""));
  if (!filter) return api::ErrorResponse(filter.error());
  api::Sight sight(may);
  ordered_json::object_t checks;
  for (const auto& check : state.Checks()) {
    if (!sight.Check(*check) || !filter->Matches(*check)) continue;
    checks.emplace_back(check->check_id, model::CheckJson(*check));
  }
  return Narrowed(sight, api::JsonAnswer(request, std::move(checks)));
}

// Null when there is none.
const model::Instance* Find(const LocalState& state, std::string_view id) {
  const auto found = state.instances().find(id);
  return found == state.instances().end() ? nullptr : found->second.get();
}

bool MayReadService(const acl::Authorizer& may, const model::Instance& instance) {
  return may.MayRead(acl::Resource::kService, instance.service);
}

http::Response Service(const LocalState& state, const Request& request,
                       const acl::Authorizer& may) {
  const model::Instance* const instance = Find(state, request.PathParameter("id"));
  if (instance != nullptr && !MayReadService(may, *instance)) {
    return api::ErrorResponse(api::PermissionDenied());
  }
  return api::ServiceAnswer(request, instance);
}

// Who waits is told by the rights that he has at the end.
void AnswerService(RouteContext& context, const ExchangePtr& exchange,
                   const access::GrantPtr& grant) {
  const Request& request = exchange->request();
  const LocalState& state = context.state;
  const Result<api::QueryOptions> options =
      api::ParseQueryOptions(request, {context.info.datacenter, state.node().name.view()});
  if (!options) return exchange->Respond(api::ErrorResponse(options.error()));
  const std::string known_hash(request.FindQuery("hash").value_or(""));
  if (known_hash.empty()) return exchange->Respond(Service(state, request, grant->authorizer));
  const auto has_changed = [&state, known_hash, id = std::string(request.PathParameter("id"))] {
    const model::Instance* instance = Find(state, id);
    return instance == nullptr || api::ContentHash(*instance) != known_hash;
  };
  const auto answer = [&context](const ExchangePtr& waiting) {
    context.guard.Judge(waiting, [&context, waiting](const access::GrantPtr& now) {
      waiting->Respond(Service(context.state, waiting->request(), now->authorizer));
    });
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

http::Response HealthById(const LocalState& state, const Request& request,
                          const acl::Authorizer& may) {
  const model::Instance* instance = Find(state, request.PathParameter("id"));
  if (instance == nullptr) return api::HealthByIdAnswer(request, nullptr);
  if (!MayReadService(may, *instance)) return api::ErrorResponse(api::PermissionDenied());
  const api::InstanceHealth health = HealthOf(*instance, state.Checks());
  return api::HealthByIdAnswer(request, &health);
}

// The name that was asked for has been judged; instances may have it in another case.
http::Response HealthByName(const LocalState& state, const Request& request,
                            const acl::Authorizer& may) {
  const std::string_view name = request.PathParameter("name");
  const auto checks = state.Checks();
  std::vector<api::InstanceHealth> all;
  for (const auto& [id, instance] : state.instances()) {
    if (!EqualsIgnoreCase(instance->service, name)) continue;
    if (!MayReadService(may, *instance)) return api::ErrorResponse(api::PermissionDenied());
    all.push_back(HealthOf(*instance, checks));
  }
  return api::HealthByNameAnswer(request, std::move(all));
}

}  // namespace

access::AccessHandler ServicesHandler(RouteContext& context) { return Read(context, Services); }
access::AccessHandler ChecksHandler(RouteContext& context) { return Read(context, Checks); }
access::AccessHandler ServiceHandler(RouteContext& context) {
  return [&context](const ExchangePtr& exchange, const access::GrantPtr& grant) {
    AnswerService(context, exchange, grant);
  };
}
access::AccessHandler HealthByIdHandler(RouteContext& context) { return Read(context, HealthById); }
access::AccessHandler HealthByNameHandler(RouteContext& context) {
  return Read(context, HealthByName);
}

}  // namespace rollcall::agent
