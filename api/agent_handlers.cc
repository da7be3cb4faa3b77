#include "api/agent_handlers.h"

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "api/local_node.h"
#include "api/reply.h"
#include "api/writes.h"
#include "registry/model/definition.h"
#include "registry/model/json.h"
#include "registry/model/json_fields.h"

namespace rollcall::api {
namespace {

using catalog::Catalog;
using http::Exchange;
using http::Request;
using model::CheckStatus;
using nlohmann::ordered_json;
using ExchangePtr = std::shared_ptr<Exchange>;

http::Response Empty() { return http::EmptyResponse(200); }

Result<nlohmann::json> ParseBody(const Request& request) {
  Result<nlohmann::json> body = model::ParseJson(request.body());
  if (!body) return InvalidArgument("Request decode failed: " + body.error().message);
  return body;
}

// A registration on the server's own node, whose record is as it is.
model::Register OnOwnNode(const ServerInfo& info) {
  model::Register command;
  command.node.name = info.node_name;
  command.node.address = info.address;
  command.skip_node_update = true;
  command.keep_check_status = true;
  return command;
}

bool WantsReplacedChecks(const Request& request) {
  const auto value = request.FindQuery("replace-existing-checks");
  return value && *value != "false" && *value != "0";
}

void RegisterService(ApiWorker& worker, const ExchangePtr& exchange) {
  const Request& request = exchange->request();
  const Result<nlohmann::json> body = ParseBody(request);
  if (!body) return exchange->Respond(ErrorResponse(body.error()));
  Result<model::AgentService> service = model::ParseAgentService(*body);
  if (!service) return exchange->Respond(ErrorResponse(service.error()));
  model::Register command = OnOwnNode(worker.info());
  for (const model::AgentCheck& check : service->checks) {
    command.checks.push_back(model::CheckRecord(check));
  }
  command.instance = std::move(service->instance);
  command.replace_existing_checks = WantsReplacedChecks(request);
  SubmitAndAnswer(worker, exchange, std::move(command), Empty);
}

void RegisterCheck(ApiWorker& worker, const ExchangePtr& exchange) {
  const Result<nlohmann::json> body = ParseBody(exchange->request());
  if (!body) return exchange->Respond(ErrorResponse(body.error()));
  Result<model::AgentCheck> check = model::ParseAgentCheck(*body);
  if (!check) return exchange->Respond(ErrorResponse(check.error()));
  // It speaks of the check's service: a check of the node must not take the server's node away.
  if (check->service_id.empty()) {
    check->run.deregister_critical_service_after = std::chrono::nanoseconds(0);
  }
  if (!check->service_id.empty() &&
      worker.Snapshot()->FindInstance(worker.info().node_name, check->service_id) == nullptr) {
    return exchange->Respond(
        ErrorResponse(NotFound("ServiceID \"" + check->service_id + "\" does not exist")));
  }
  model::Register command = OnOwnNode(worker.info());
  command.checks.push_back(model::CheckRecord(*check));
  SubmitAndAnswer(worker, exchange, std::move(command), Empty);
}

std::string IdOf(const Request& request) { return std::string(request.PathParameter("id")); }

void UpdateTtlCheck(ApiWorker& worker, const ExchangePtr& exchange, CheckStatus status,
                    std::string output) {
  const std::string id = IdOf(exchange->request());
  const std::string& node = worker.info().node_name;
  if (output.size() > model::kMaxCheckOutput) output.resize(model::kMaxCheckOutput);
  const std::string no_ttl = "CheckID \"" + id + "\" does not have associated TTL";
  switch (worker.catalog().Heartbeat(*worker.Snapshot(), node, id, status, output)) {
    case Catalog::HeartbeatResult::kRenewed:
      return exchange->Respond(Empty());
    case Catalog::HeartbeatResult::kNeedsWrite:
      return SubmitAndAnswer(worker, exchange,
                             model::UpdateCheck{node, id, status, std::move(output)}, Empty);
    case Catalog::HeartbeatResult::kNoTtl:
      return exchange->Respond(ErrorResponse(InvalidArgument(no_ttl)));
    case Catalog::HeartbeatResult::kUnknown:
      return exchange->Respond(ErrorResponse(NotFound(no_ttl)));
  }
}

ordered_json SelfJson(const ServerInfo& info, const catalog::Snapshot& snapshot) {
  const catalog::NodeEntry* node = snapshot.FindNode(info.node_name);
  ordered_json meta = ordered_json::object();
  if (node != nullptr) {
    for (const auto& [key, value] : node->node->meta) meta[key] = value;
  }
  return {{"Config",
           {{"Datacenter", info.datacenter},
            {"NodeName", info.node_name},
            {"NodeID", node == nullptr ? "" : node->node->id},
            {"Server", true},
            {"Version", info.version}}},
          {"DebugConfig", {{"DNSPort", info.dns_port}, {"HTTPPort", info.http_port}}},
          {"Member", {{"Name", info.node_name}, {"Addr", info.address}, {"Status", 1}}},
          {"Meta", std::move(meta)}};
}

// The services or checks of the server's own node by ID, without the server's own.
template <typename Map, typename One>
ordered_json OwnNodeJson(const Map* map, const One& one) {
  ordered_json object = ordered_json::object();
  if (map != nullptr) {
    for (const auto& entry : *map) one(entry, object.template get_ref<ordered_json::object_t&>());
  }
  return object;
}

}  // namespace

http::Handler AgentSelfHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange) {
    exchange->Respond(http::JsonResponse(Render(SelfJson(worker.info(), *worker.Snapshot()))));
  };
}

http::Handler AgentServicesHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange) {
    const auto snapshot = worker.Snapshot();
    const catalog::NodeEntry* node = snapshot->FindNode(worker.info().node_name);
    const ordered_json services = OwnNodeJson(
        node == nullptr ? nullptr : &node->instances,
        [](const catalog::InstanceEntry& entry, ordered_json::object_t& out) {
          if (IsServersOwn(*entry.instance)) return;
          out.emplace_back(entry.instance->id, model::AgentServiceJson(*entry.instance));
        });
    exchange->Respond(http::JsonResponse(Render(services)));
  };
}

http::Handler AgentChecksHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange) {
    const auto snapshot = worker.Snapshot();
    const catalog::NodeEntry* node = snapshot->FindNode(worker.info().node_name);
    const ordered_json checks =
        OwnNodeJson(node == nullptr ? nullptr : &node->checks,
                    [](const catalog::CheckEntry& entry, ordered_json::object_t& out) {
                      if (IsServersOwn(*entry.check)) return;
                      out.emplace_back(entry.check->check_id, model::CheckJson(*entry.check));
                    });
    exchange->Respond(http::JsonResponse(Render(checks)));
  };
}

http::Handler AgentRegisterServiceHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange) { RegisterService(worker, exchange); };
}

http::Handler AgentRegisterCheckHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange) { RegisterCheck(worker, exchange); };
}

http::Handler AgentDeregisterServiceHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange) {
    const std::string id = IdOf(exchange->request());
    if (id.empty()) return exchange->Respond(ErrorResponse(InvalidArgument("Missing service ID")));
    SubmitAndAnswer(worker, exchange, model::Deregister{worker.info().node_name, id, ""}, Empty);
  };
}

http::Handler AgentDeregisterCheckHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange) {
    const std::string id = IdOf(exchange->request());
    if (id.empty()) return exchange->Respond(ErrorResponse(InvalidArgument("Missing check ID")));
    SubmitAndAnswer(worker, exchange, model::Deregister{worker.info().node_name, "", id}, Empty);
  };
}

http::Handler AgentCheckStatusHandler(ApiWorker& worker, CheckStatus status) {
  return [&worker, status](const ExchangePtr& exchange) {
    std::string note(exchange->request().FindQuery("note").value_or(""));
    UpdateTtlCheck(worker, exchange, status, std::move(note));
  };
}

http::Handler AgentCheckUpdateHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange) {
    Result<model::CheckUpdate> update = model::ParseCheckUpdate(exchange->request().body());
    if (!update) return exchange->Respond(ErrorResponse(update.error()));
    UpdateTtlCheck(worker, exchange, update->status, std::move(update->output));
  };
}

}  // namespace rollcall::api
