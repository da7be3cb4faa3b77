#include "api/agent_maintenance.h"

#include <memory>
#include <string>
#include <utility>

#include "api/local_node.h"
#include "api/reply.h"
#include "api/shared/agent_requests.h"
#include "api/writes.h"
#include "registry/model/json.h"
#include "registry/model/maintenance.h"

namespace rollcall::api {
namespace {

using http::Exchange;
using http::Request;
using ExchangePtr = std::shared_ptr<Exchange>;

// Puts `check` on the own node, or takes it away.
void Switch(ApiWorker& worker, const ExchangePtr& exchange, bool enable,
            const model::AgentCheck& definition) {
  const model::Check check = model::CheckRecord(definition);
  const std::string& node = worker.info().node_name;
  const bool enabled = worker.Snapshot()->FindCheck(node, check.check_id) != nullptr;
  if (enable == enabled) return exchange->Respond(EmptyOk());
  if (!enable) {
    return SubmitAndAnswer(worker, exchange, model::Deregister{node, "", check.check_id.str()},
                           EmptyOk);
  }
  model::Register command = OnOwnNode(worker.info());
  command.checks.push_back(check);
  SubmitAndAnswer(worker, exchange, std::move(command), EmptyOk);
}

void SwitchNode(ApiWorker& worker, const ExchangePtr& exchange) {
  const Request& request = exchange->request();
  const Result<bool> enable = WantsMaintenance(request);
  if (!enable) return exchange->Respond(ErrorResponse(enable.error()));
  Switch(worker, exchange, *enable, model::MaintenanceCheck("", ReasonFor(request)));
}

void SwitchService(ApiWorker& worker, const ExchangePtr& exchange) {
  const Request& request = exchange->request();
  const std::string_view id = request.PathParameter("id");
  if (id.empty()) return exchange->Respond(ErrorResponse(InvalidArgument("Missing service ID")));
  const Result<bool> enable = WantsMaintenance(request);
  if (!enable) return exchange->Respond(ErrorResponse(enable.error()));
  const auto snapshot = worker.Snapshot();
  const catalog::InstanceEntry* entry = FindLocalInstance(*snapshot, worker.info(), id);
  if (entry == nullptr) {
    return exchange->Respond(
        ErrorResponse(NotFound("No service registered with ID " + model::Quoted(id))));
  }
  Switch(worker, exchange, *enable,
         model::MaintenanceCheck(entry->instance->id.view(), ReasonFor(request)));
}

}  // namespace

http::Handler AgentMaintenanceHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange) { SwitchNode(worker, exchange); };
}

http::Handler AgentServiceMaintenanceHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange) { SwitchService(worker, exchange); };
}

}  // namespace rollcall::api
