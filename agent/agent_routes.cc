#include "agent/agent_routes.h"

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "registry/model/definition.h"
#include "registry/model/json.h"
#include "registry/model/json_fields.h"

namespace rollcall::agent {
namespace {

using http::Method;
using http::Request;
using http::Response;
using model::CheckStatus;
using nlohmann::ordered_json;

// Consul answers 500 to some of a client's own mistakes; we say whose mistake it is.
Response ErrorResponse(const Error& error) {
  return http::TextResponse(error.code == ErrorCode::kNotFound ? 404 : 400, error.message);
}

Response EmptyOk(const Result<void>& done) {
  return done ? http::EmptyResponse(200) : ErrorResponse(done.error());
}

Response AnswerOfKeeping(const Result<void>& kept) {
  if (kept) return http::EmptyResponse(200);
  return http::TextResponse(500, "It runs, but a restart would lose it: " + kept.error().message);
}

Result<nlohmann::json> ParseBody(const Request& request) {
  Result<nlohmann::json> body = model::ParseJson(request.body());
  if (!body) return InvalidArgument("Request decode failed: " + body.error().message);
  return body;
}

// ?replace-existing-checks, alone or with a value that does not say no.
UnnamedChecks ReadUnnamedChecks(const Request& request) {
  const auto value = request.FindQuery("replace-existing-checks");
  return value && *value != "false" && *value != "0" ? UnnamedChecks::kRemove
                                                     : UnnamedChecks::kKeep;
}

Result<void> RegisterService(LocalState& state, const model::CheckRules& rules,
                             const Request& request) {
  Result<nlohmann::json> body = ParseBody(request);
  if (!body) return body.error();
  Result<model::AgentService> service = model::ParseAgentService(*body, rules);
  if (!service) return service.error();
  return state.EnsureService(*service, Origin::kApi, ReadUnnamedChecks(request));
}

Result<void> RegisterCheck(LocalState& state, const model::CheckRules& rules,
                           const Request& request) {
  Result<nlohmann::json> body = ParseBody(request);
  if (!body) return body.error();
  Result<model::AgentCheck> check = model::ParseAgentCheck(*body, rules);
  if (!check) return check.error();
  return state.EnsureCheck(*check, Origin::kApi);
}

std::string IdOf(const Request& request) { return std::string(request.PathParameter("id")); }

Result<void> DeregisterService(LocalState& state, const Request& request) {
  state.RemoveService(IdOf(request));
  return {};
}

Result<void> DeregisterCheck(LocalState& state, const Request& request) {
  state.RemoveCheck(IdOf(request));
  return {};
}

Response SetCheckStatus(LocalState& state, const Request& request, CheckStatus status) {
  const std::string note(request.FindQuery("note").value_or(""));
  return EmptyOk(state.UpdateTtlCheck(IdOf(request), status, note));
}

Response UpdateCheck(LocalState& state, const Request& request) {
  const Result<model::CheckUpdate> update = model::ParseCheckUpdate(request.body());
  if (!update) return ErrorResponse(update.error());
  return EmptyOk(state.UpdateTtlCheck(IdOf(request), update->status, update->output));
}

Response ListServices(const LocalState& state) {
  ordered_json services = ordered_json::object();
  for (const auto& [id, instance] : state.instances()) {
    services[instance->id.str()] = model::AgentServiceJson(*instance);
  }
  return http::JsonResponse(model::Dump(services));
}

Response ListChecks(const LocalState& state) {
  ordered_json checks = ordered_json::object();
  for (const auto& check : state.Checks()) checks[check->check_id.str()] = model::CheckJson(*check);
  return http::JsonResponse(model::Dump(checks));
}

Response Self(const LocalState& state, const AgentInfo& info) {
  const model::Node& node = state.node();
  ordered_json meta = ordered_json::object();
  for (const auto& [key, value] : node.meta) meta[key.str()] = value;
  const ordered_json self = {
      {"Config",
       {{"Datacenter", info.datacenter},
        {"NodeName", node.name},
        {"NodeID", node.id},
        {"Server", false},
        {"Version", info.version}}},
      {"DebugConfig", {{"DNSPort", info.dns_port}}},
      {"Member", {{"Name", node.name}, {"Addr", node.address}, {"Status", 1}}},
      {"Meta", meta}};
  return http::JsonResponse(model::Dump(self));
}

http::Handler Answer(std::function<Response(const Request&)> answer) {
  return [answer = std::move(answer)](const std::shared_ptr<http::Exchange>& exchange) {
    exchange->Respond(answer(exchange->request()));
  };
}

// Makes a change, and answers when it is kept or why it was refused.
http::Handler Change(std::function<Result<void>(const Request&)> change,
                     std::function<void(std::function<void(const Result<void>&)>)> when_kept) {
  return [change = std::move(change),
          when_kept = std::move(when_kept)](const std::shared_ptr<http::Exchange>& exchange) {
    if (Result<void> done = change(exchange->request()); !done) {
      return exchange->Respond(ErrorResponse(done.error()));
    }
    when_kept([exchange](const Result<void>& kept) { exchange->Respond(AnswerOfKeeping(kept)); });
  };
}

}  // namespace

std::vector<http::Route> AgentRoutes(LocalState& state, const AgentInfo& info,
                                     const model::CheckRules& rules, AgentActions actions) {
  LocalState* const s = &state;
  const auto add = [s, rules, kept = actions.when_kept](Result<void> (*handler)(
                       LocalState&, const model::CheckRules&, const Request&)) {
    return Change(
        [s, rules, handler](const Request& request) { return handler(*s, rules, request); }, kept);
  };
  const auto remove =
      [s, kept = actions.when_kept](Result<void> (*handler)(LocalState&, const Request&)) {
        return Change([s, handler](const Request& request) { return handler(*s, request); }, kept);
      };
  const auto set = [s](CheckStatus status) {
    return Answer([s, status](const Request& r) { return SetCheckStatus(*s, r, status); });
  };
  return {
      {Method::kGet, "/v1/agent/self",
       Answer([s, &info](const Request&) { return Self(*s, info); }),
       "What this agent is: its node, its datacenter, its version."},
      {Method::kGet, "/v1/agent/services", Answer([s](const Request&) { return ListServices(*s); }),
       "The services of this host, by ID."},
      {Method::kGet, "/v1/agent/checks", Answer([s](const Request&) { return ListChecks(*s); }),
       "The checks of this host, by ID."},
      {Method::kPut, "/v1/agent/reload",
       Answer([reload = std::move(actions.reload)](const Request&) { return EmptyOk(reload()); }),
       "Reads the definitions from files again."},
      {Method::kPut, "/v1/agent/service/register", add(RegisterService),
       "Registers a service of this host with its checks."},
      {Method::kPut, "/v1/agent/service/deregister/*id", remove(DeregisterService),
       "Removes a service of this host and its checks."},
      {Method::kPut, "/v1/agent/check/register", add(RegisterCheck),
       "Registers a check of this host or of one of its services."},
      {Method::kPut, "/v1/agent/check/deregister/*id", remove(DeregisterCheck),
       "Removes a check of this host."},
      {Method::kPut, "/v1/agent/check/pass/*id", set(CheckStatus::kPassing),
       "Reports a TTL check as passing."},
      {Method::kPut, "/v1/agent/check/warn/*id", set(CheckStatus::kWarning),
       "Reports a TTL check as warning."},
      {Method::kPut, "/v1/agent/check/fail/*id", set(CheckStatus::kCritical),
       "Reports a TTL check as critical."},
      {Method::kPut, "/v1/agent/check/update/*id",
       Answer([s](const Request& r) { return UpdateCheck(*s, r); }),
       "Reports a TTL check's status and output."},
  };
}

}  // namespace rollcall::agent
