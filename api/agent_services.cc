#include "api/agent_services.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "api/filter/filter.h"
#include "api/local_node.h"
#include "api/reply.h"
#include "api/shared/agent_json.h"
#include "api/shared/agent_requests.h"
#include "api/shared/query_options.h"
#include "api/shared/service_answer.h"
#include "api/shared/sight.h"
#include "api/writes.h"
#include "registry/base/ascii.h"
#include "registry/model/definition.h"
#include "registry/model/json.h"

namespace rollcall::api {
namespace {

using http::Exchange;
using http::Request;
using nlohmann::ordered_json;
using ExchangePtr = std::shared_ptr<Exchange>;

// Whether a service has another content than the one that a client knows, or is not there.
// Everything on the node wakes who waits for one service of it, so what has been looked at before
// is not looked at again.
class HasChanged {
 public:
  HasChanged(const ServerInfo& info, std::string id, std::string known_hash)
      : info_(info), id_(std::move(id)), known_hash_(std::move(known_hash)) {}

  bool operator()(const catalog::Snapshot& snapshot) {
    const catalog::InstanceEntry* entry = FindLocalInstance(snapshot, info_, id_);
    if (entry == nullptr) return true;
    if (entry->instance == unchanged_) return false;
    if (ContentHash(*entry->instance) != known_hash_) return true;
    unchanged_ = entry->instance;
    return false;
  }

 private:
  const ServerInfo& info_;
  std::string id_;
  std::string known_hash_;
  catalog::InstanceRef unchanged_;
};

// As the bearer's rights are now.
http::Response AnswerFrom(const Request& request, const catalog::Snapshot& snapshot,
                          ApiWorker& worker, const acl::Bearer& bearer) {
  const auto now = worker.bearers().FindAgain(bearer, snapshot);
  if (!now) return ErrorResponse(now.error());
  const catalog::InstanceEntry* entry =
      FindLocalInstance(snapshot, worker.info(), request.PathParameter("id"));
  if (entry != nullptr &&
      !(*now)->authorizer.MayRead(acl::Resource::kService, entry->instance->service)) {
    return ErrorResponse(PermissionDenied());
  }
  return ServiceAnswer(request, entry == nullptr ? nullptr : entry->instance.get());
}

void AnswerService(ApiWorker& worker, const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
  const Request& request = exchange->request();
  const ServerInfo& info = worker.info();
  const Result<QueryOptions> options =
      ParseQueryOptions(request, {info.datacenter, info.node_name});
  if (!options) return exchange->Respond(ErrorResponse(options.error()));
  std::string known_hash(request.FindQuery("hash").value_or(""));
  // Who may not read it must not learn whether the hash is right by how long it takes.
  const catalog::InstanceEntry* const entry =
      FindLocalInstance(*worker.Snapshot(), info, request.PathParameter("id"));
  const bool is_hidden = entry != nullptr && !bearer->authorizer.MayRead(acl::Resource::kService,
                                                                         entry->instance->service);
  if (known_hash.empty() || is_hidden) {
    return exchange->Respond(AnswerFrom(request, *worker.Snapshot(), worker, *bearer));
  }
  const auto respond = [&request, &worker, bearer](const catalog::Snapshot& snapshot) {
    return AnswerFrom(request, snapshot, worker, *bearer);
  };
  worker.parked().Answer(
      exchange,
      {catalog::WatchKey::Node(info.node_name), options->wait,
       HasChanged(info, std::string(request.PathParameter("id")), std::move(known_hash)), respond});
}

Result<void> CheckNames(const model::AgentService& service) {
  if (EqualsIgnoreCase(service.instance.id, kServerServiceId)) {
    return InvalidArgument("Service ID \"consul\" is the server's own");
  }
  for (const model::AgentCheck& check : service.checks) {
    if (EqualsIgnoreCase(check.check_id, kNodeAliveCheckId)) {
      return InvalidArgument("Check ID \"serfHealth\" is the server's own");
    }
  }
  return {};
}

void RegisterService(ApiWorker& worker, const ExchangePtr& exchange, const acl::Bearer& bearer) {
  const Request& request = exchange->request();
  const Result<nlohmann::json> body = JsonBody(request);
  if (!body) return exchange->Respond(ErrorResponse(body.error()));
  Result<model::AgentService> service = model::ParseAgentService(*body);
  if (!service) return exchange->Respond(ErrorResponse(service.error()));
  if (Result<void> ok = CheckNames(*service); !ok) {
    return exchange->Respond(ErrorResponse(ok.error()));
  }
  model::Register command = OnOwnNode(worker.info());
  for (const model::AgentCheck& check : service->checks) {
    command.checks.push_back(model::CheckRecord(check));
  }
  command.instance = std::move(service->instance);
  command.replace_existing_checks = WantsReplacedChecks(request);
  SubmitAndAnswer(worker, exchange, bearer, std::move(command), EmptyOk);
}

void DeregisterService(ApiWorker& worker, const ExchangePtr& exchange, const acl::Bearer& bearer) {
  std::string id(exchange->request().PathParameter("id"));
  if (id.empty()) return exchange->Respond(ErrorResponse(InvalidArgument("Missing service ID")));
  if (EqualsIgnoreCase(id, kServerServiceId)) return exchange->Respond(EmptyOk());
  SubmitAndAnswer(worker, exchange, bearer,
                  model::Deregister{worker.info().node_name, std::move(id), ""}, EmptyOk);
}

}  // namespace

AccessHandler AgentServicesHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    const auto filter = filter::Filter<model::Instance>::Parse(
        exchange->request().FindQuery("filter").value_or(""));
    if (!filter) return exchange->Respond(ErrorResponse(filter.error()));
    const auto snapshot = worker.Snapshot();
    Sight sight(bearer->authorizer);
    // IDs are unique: appended without ordered_json's search for each.
    ordered_json::object_t services;
    if (const catalog::NodeEntry* node = snapshot->FindNode(worker.info().node_name)) {
      for (const catalog::InstanceEntry& entry : node->instances) {
        if (IsServersOwn(*entry.instance) || !sight.Service(entry.instance->service)) continue;
        if (!filter->Matches(*entry.instance)) continue;
        services.emplace_back(entry.instance->id, model::AgentServiceJson(*entry.instance));
      }
    }
    http::Response response = JsonAnswer(exchange->request(), std::move(services));
    AddNarrowed(sight.was_narrowed(), &response);
    exchange->Respond(std::move(response));
  };
}

AccessHandler AgentServiceHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    AnswerService(worker, exchange, bearer);
  };
}

AccessHandler AgentRegisterServiceHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    RegisterService(worker, exchange, *bearer);
  };
}

AccessHandler AgentDeregisterServiceHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    DeregisterService(worker, exchange, *bearer);
  };
}

}  // namespace rollcall::api
