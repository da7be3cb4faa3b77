#include "api/agent_health.h"

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "api/local_node.h"
#include "api/reply.h"
#include "api/shared/instance_health.h"
#include "registry/base/ascii.h"

namespace rollcall::api {
namespace {

using catalog::InstanceEntry;
using ExchangePtr = std::shared_ptr<http::Exchange>;

// The server's own check says nothing of what programs registered.
InstanceHealth HealthOfEntry(const InstanceEntry& entry) {
  std::vector<const model::Check*> checks;
  for (const auto* list : {&entry.checks, &entry.node_checks}) {
    for (const auto& check : *list) {
      if (!IsServersOwn(*check->check)) checks.push_back(check->check.get());
    }
  }
  return HealthOf(*entry.instance, checks);
}

}  // namespace

AccessHandler AgentHealthByIdHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    const auto snapshot = worker.Snapshot();
    const InstanceEntry* entry =
        FindLocalInstance(*snapshot, worker.info(), exchange->request().PathParameter("id"));
    if (entry != nullptr &&
        !bearer->authorizer.MayRead(acl::Resource::kService, entry->instance->service)) {
      return exchange->Respond(ErrorResponse(PermissionDenied()));
    }
    std::optional<InstanceHealth> health;
    if (entry != nullptr) health = HealthOfEntry(*entry);
    exchange->Respond(HealthByIdAnswer(exchange->request(), health ? &*health : nullptr));
  };
}

http::Handler AgentHealthByNameHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange) {
    const std::string_view name = exchange->request().PathParameter("name");
    const auto snapshot = worker.Snapshot();
    std::vector<InstanceHealth> all;
    if (const catalog::NodeEntry* node = snapshot->FindNode(worker.info().node_name)) {
      for (const InstanceEntry& entry : node->instances) {
        if (IsServersOwn(*entry.instance)) continue;
        if (EqualsIgnoreCase(entry.instance->service, name)) all.push_back(HealthOfEntry(entry));
      }
    }
    exchange->Respond(HealthByNameAnswer(exchange->request(), std::move(all)));
  };
}

}  // namespace rollcall::api
