#include "api/agent_checks.h"

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "api/filter/filter.h"
#include "api/local_node.h"
#include "api/reply.h"
#include "api/shared/agent_json.h"
#include "api/shared/sight.h"
#include "api/writes.h"
#include "registry/base/ascii.h"
#include "registry/model/definition.h"
#include "registry/model/json.h"

namespace rollcall::api {
namespace {

using catalog::Catalog;
using http::Exchange;
using http::Request;
using model::CheckStatus;
using nlohmann::ordered_json;
using ExchangePtr = std::shared_ptr<Exchange>;

std::string IdOf(const Request& request) { return std::string(request.PathParameter("id")); }

void RegisterCheck(ApiWorker& worker, const ExchangePtr& exchange, const acl::Bearer& bearer) {
  const Result<nlohmann::json> body = JsonBody(exchange->request());
  if (!body) return exchange->Respond(ErrorResponse(body.error()));
  Result<model::AgentCheck> check = model::ParseAgentCheck(*body);
  if (!check) return exchange->Respond(ErrorResponse(check.error()));
  if (EqualsIgnoreCase(check->check_id, kNodeAliveCheckId)) {
    return exchange->Respond(
        ErrorResponse(InvalidArgument("Check ID \"serfHealth\" is the server's own")));
  }
  if (check->service_id.empty()) {
    // It speaks of the check's service: a check of the node must not take the server's node away.
    check->run.deregister_critical_service_after = std::chrono::nanoseconds(0);
  } else if (FindLocalInstance(*worker.Snapshot(), worker.info(), check->service_id) == nullptr) {
    return exchange->Respond(ErrorResponse(
        NotFound("ServiceID " + model::Quoted(check->service_id) + " does not exist")));
  }
  model::Register command = OnOwnNode(worker.info());
  command.checks.push_back(model::CheckRecord(*check));
  SubmitAndAnswer(worker, exchange, bearer, std::move(command), EmptyOk);
}

void DeregisterCheck(ApiWorker& worker, const ExchangePtr& exchange, const acl::Bearer& bearer) {
  std::string id = IdOf(exchange->request());
  if (id.empty()) return exchange->Respond(ErrorResponse(InvalidArgument("Missing check ID")));
  if (EqualsIgnoreCase(id, kNodeAliveCheckId)) return exchange->Respond(EmptyOk());
  SubmitAndAnswer(worker, exchange, bearer,
                  model::Deregister{worker.info().node_name, "", std::move(id)}, EmptyOk);
}

// Consul asks for the service of a service's check, and for the node only of others.
bool SeesOwn(Sight& sight, const model::Check& check) {
  return check.service_id.empty() ? sight.Node(check.node) : sight.Service(check.service_name);
}

void UpdateTtlCheck(ApiWorker& worker, const ExchangePtr& exchange, const acl::Bearer& bearer,
                    CheckStatus status, std::string output) {
  const std::string_view id = exchange->request().PathParameter("id");
  const std::string& node = worker.info().node_name;
  model::UpdateCheck update{node, std::string(id), status, model::KeptOutput(std::move(output))};
  const auto snapshot = worker.Snapshot();
  // Also of a renewal, which writes nothing.
  if (Result<void> ok = CheckWrite(worker, bearer, *snapshot, update); !ok) {
    return exchange->Respond(ErrorResponse(ok.error()));
  }
  const auto no_ttl = [id] {
    return "CheckID " + model::Quoted(id) + " does not have associated TTL";
  };
  switch (worker.catalog().Heartbeat(*snapshot, node, id, status, update.output)) {
    case Catalog::HeartbeatResult::kRenewed:
      return exchange->Respond(EmptyOk());
    case Catalog::HeartbeatResult::kNeedsWrite:
      return SubmitAndAnswer(worker, exchange, bearer, std::move(update), EmptyOk);
    case Catalog::HeartbeatResult::kNoTtl:
      return exchange->Respond(ErrorResponse(InvalidArgument(no_ttl())));
    case Catalog::HeartbeatResult::kUnknown:
      return exchange->Respond(ErrorResponse(NotFound(no_ttl())));
    case Catalog::HeartbeatResult::kNotNow:
      return exchange->Respond(ErrorResponse(HeartbeatsNotAccepted()));
  }
}

}  // namespace

AccessHandler AgentChecksHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    const auto filter =
        filter::Filter<model::Check>::Parse(exchange->request().FindQuery("filter").value_or(""));
    if (!filter) return exchange->Respond(ErrorResponse(filter.error()));
    const auto snapshot = worker.Snapshot();
    Sight sight(bearer->authorizer);
    // IDs are unique: appended without ordered_json's search for each.
    ordered_json::object_t checks;
    if (const catalog::NodeEntry* node = snapshot->FindNode(worker.info().node_name)) {
      for (const catalog::CheckEntry& entry : node->checks) {
        if (IsServersOwn(*entry.check) || !SeesOwn(sight, *entry.check)) continue;
        if (!filter->Matches(*entry.check)) continue;
        checks.emplace_back(entry.check->check_id, model::CheckJson(*entry.check));
      }
    }
    http::Response response = JsonAnswer(exchange->request(), std::move(checks));
    AddNarrowed(sight.was_narrowed(), &response);
    exchange->Respond(std::move(response));
  };
}

AccessHandler AgentRegisterCheckHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    RegisterCheck(worker, exchange, *bearer);
  };
}

AccessHandler AgentDeregisterCheckHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    DeregisterCheck(worker, exchange, *bearer);
  };
}

AccessHandler AgentCheckStatusHandler(ApiWorker& worker, CheckStatus status) {
  return [&worker, status](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    std::string note(exchange->request().FindQuery("note").value_or(""));
    UpdateTtlCheck(worker, exchange, *bearer, status, std::move(note));
  };
}

AccessHandler AgentCheckUpdateHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    Result<model::CheckUpdate> update = model::ParseCheckUpdate(exchange->request().body());
    if (!update) return exchange->Respond(ErrorResponse(update.error()));
    UpdateTtlCheck(worker, exchange, *bearer, update->status, std::move(update->output));
  };
}

}  // namespace rollcall::api
