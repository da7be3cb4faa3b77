#include "api/agent_maintenance.h"

#include <memory>
#include <string>
#include <utility>

#include "api/local_node.h"
#include "api/reply.h"
#include "api/shared/agent_requests.h"
#include "api/writes.h"
#include "registry/base/ascii.h"
#include "registry/model/json.h"
#include "registry/model/maintenance.h"

namespace rollcall::api {
namespace {

using http::Exchange;
using http::Request;
using ExchangePtr = std::shared_ptr<Exchange>;

// Whether `check` is on the own node. One with its ID that belongs to another service, or to the
// node, puts nobody into maintenance.
bool IsThere(ApiWorker& worker, const model::Check& check) {
  const auto snapshot = worker.Snapshot();
  const catalog::CheckEntry* const entry =
      snapshot->FindCheck(worker.info().node_name, check.check_id);
  return entry != nullptr && EqualsIgnoreCase(entry->check->service_id, check.service_id);
}

// Puts `check` on the own node, or takes it away.
void Switch(ApiWorker& worker, const ExchangePtr& exchange, const acl::Bearer& bearer, bool enable,
            const model::AgentCheck& definition) {
  const model::Check check = model::CheckRecord(definition);
  model::Register registration = OnOwnNode(worker.info());
  registration.checks.push_back(check);
  registration.keep_check_status = false;
  if (enable == IsThere(worker, check)) {
    const Result<void> ok = CheckWrite(worker, bearer, registration);
    return exchange->Respond(ok ? EmptyOk() : ErrorResponse(ok.error()));
  }
  if (enable) return SubmitAndAnswer(worker, exchange, bearer, std::move(registration), EmptyOk);
  SubmitAndAnswer(worker, exchange, bearer,
                  model::Deregister{worker.info().node_name, "", check.check_id.str()}, EmptyOk);
}

void SwitchNode(ApiWorker& worker, const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
  const Request& request = exchange->request();
  const Result<bool> enable = WantsMaintenance(request);
  if (!enable) return exchange->Respond(ErrorResponse(enable.error()));
  Switch(worker, exchange, *bearer, *enable, model::MaintenanceCheck("", ReasonFor(request)));
}

void SwitchService(ApiWorker& worker, const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
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
  Switch(worker, exchange, *bearer, *enable,
         model::MaintenanceCheck(entry->instance->id.view(), ReasonFor(request)));
}

}  // namespace

AccessHandler AgentMaintenanceHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    SwitchNode(worker, exchange, bearer);
  };
}

AccessHandler AgentServiceMaintenanceHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    SwitchService(worker, exchange, bearer);
  };
}

}  // namespace rollcall::api
