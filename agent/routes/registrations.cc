#include "agent/routes/registrations.h"

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "agent/routes/local_rights.h"
#include "agent/routes/token_route.h"
#include "api/shared/agent_json.h"
#include "api/shared/agent_requests.h"
#include "api/shared/error_response.h"
#include "registry/base/ascii.h"
#include "registry/model/definition.h"
#include "registry/model/json.h"
#include "registry/model/maintenance.h"

namespace rollcall::agent {
namespace {

using http::Request;
using model::CheckStatus;
using ExchangePtr = std::shared_ptr<http::Exchange>;
using ChangeFunction = Result<void> (*)(RouteContext& context, const Request& request,
                                        const acl::Authorizer& may);

http::Response AnswerTo(const Result<void>& done) {
  return done ? api::EmptyOk() : api::ErrorResponse(done.error());
}

http::Response AnswerOfKeeping(const Result<void>& kept) {
  if (kept) return api::EmptyOk();
  return http::TextResponse(500, "It runs, but a restart would lose it: " + kept.error().message);
}

// Answers when a change is kept, or why it was refused.
void AnswerChange(RouteContext& context, const ExchangePtr& exchange, const Result<void>& done) {
  if (!done) return exchange->Respond(api::ErrorResponse(done.error()));
  context.actions.when_kept(
      [exchange](const Result<void>& kept) { exchange->Respond(AnswerOfKeeping(kept)); });
}

access::AccessHandler Change(RouteContext& context, ChangeFunction change) {
  return [&context, change](const ExchangePtr& exchange, const access::GrantPtr& grant) {
    AnswerChange(context, exchange, change(context, exchange->request(), grant->authorizer));
  };
}

std::string IdOf(const Request& request) { return std::string(request.PathParameter("id")); }

// With what the registration is to be put into the registry: what its body says, or whoever asks.
Result<std::string> TokenFor(const nlohmann::json& body, const Request& request) {
  for (const char* const key : {"Token", "token"}) {
    const auto found = body.find(key);
    if (found == body.end() || !found->is_string() || *found == "") continue;
    if (!IsTokenText(found->get_ref<const std::string&>())) {
      return InvalidArgument("Token: a token has no blanks and nothing but ASCII in it");
    }
    return found->get<std::string>();
  }
  std::string token = TokenOf(request);
  return IsTokenText(token) ? token : std::string();
}

// Before the state knows of it, so that it is sent with the first request about it.
void UseToken(RouteContext& context, AgentTokens::Of of, const std::string& id,
              const std::string& token, AgentTokens::From from = AgentTokens::From::kApi) {
  const AgentTokens::Found now = context.tokens.Find(of, id);
  if (now.token == token && (token.empty() || now.from == from)) return;
  context.tokens.Set(of, id, token, from);
  context.actions.keep_tokens();
}

Result<void> RegisterService(RouteContext& context, const Request& request,
                             const acl::Authorizer& may) {
  const Result<nlohmann::json> body = api::JsonBody(request);
  if (!body) return body.error();
  const Result<model::AgentService> service = model::ParseAgentService(*body, context.rules);
  if (!service) return service.error();
  if (Result<void> ok = CheckRegistration(may, context.state, *service); !ok) return ok;
  Result<std::string> token = TokenFor(*body, request);
  if (!token) return token.error();
  const std::string id = service->instance.id.str();
  const auto before = context.tokens.Find(AgentTokens::Of::kService, id);
  UseToken(context, AgentTokens::Of::kService, id, *token);
  Result<void> done = context.state.EnsureService(
      *service, Origin::kApi,
      api::WantsReplacedChecks(request) ? UnnamedChecks::kRemove : UnnamedChecks::kKeep);
  if (!done) UseToken(context, AgentTokens::Of::kService, id, before.token, before.from);
  return done;
}

Result<void> RegisterCheck(RouteContext& context, const Request& request,
                           const acl::Authorizer& may) {
  const Result<nlohmann::json> body = api::JsonBody(request);
  if (!body) return body.error();
  const Result<model::AgentCheck> check = model::ParseAgentCheck(*body, context.rules);
  if (!check) return check.error();
  if (Result<void> ok = CheckRegistration(may, context.state, *check); !ok) return ok;
  Result<std::string> token = TokenFor(*body, request);
  if (!token) return token.error();
  const auto before = context.tokens.Find(AgentTokens::Of::kCheck, check->check_id);
  UseToken(context, AgentTokens::Of::kCheck, check->check_id, *token);
  Result<void> done = context.state.EnsureCheck(*check, Origin::kApi);
  if (!done) UseToken(context, AgentTokens::Of::kCheck, check->check_id, before.token, before.from);
  return done;
}

Result<void> DeregisterService(RouteContext& context, const Request& request,
                               const acl::Authorizer& may) {
  const std::string id = IdOf(request);
  if (id.empty()) return InvalidArgument("Missing service ID");
  if (Result<void> ok = CheckChangeOfService(may, context.state, id); !ok) return ok;
  context.state.RemoveService(id);
  return {};
}

Result<void> DeregisterCheck(RouteContext& context, const Request& request,
                             const acl::Authorizer& may) {
  const std::string id = IdOf(request);
  if (id.empty()) return InvalidArgument("Missing check ID");
  if (Result<void> ok = CheckChangeOfCheck(may, context.state, id); !ok) return ok;
  context.state.RemoveCheck(id);
  return {};
}

Result<void> SwitchMaintenance(LocalState& state, bool enable, const model::AgentCheck& check) {
  // One with its ID that belongs to another service, or to the node, puts nobody into maintenance.
  const model::Check* const present = state.FindCheck(check.check_id);
  const bool is_there =
      present != nullptr && EqualsIgnoreCase(present->service_id, check.service_id);
  if (enable == is_there) return {};
  if (enable) return state.EnsureCheck(check, Origin::kApi);
  state.RemoveCheck(check.check_id);
  return {};
}

Result<void> SwitchNode(RouteContext& context, const Request& request) {
  const Result<bool> enable = api::WantsMaintenance(request);
  if (!enable) return enable.error();
  return SwitchMaintenance(context.state, *enable,
                           model::MaintenanceCheck("", api::ReasonFor(request)));
}

Result<void> SwitchService(RouteContext& context, const Request& request,
                           const acl::Authorizer& may) {
  const std::string id = IdOf(request);
  if (id.empty()) return InvalidArgument("Missing service ID");
  const Result<bool> enable = api::WantsMaintenance(request);
  if (!enable) return enable.error();
  const auto found = context.state.instances().find(id);
  if (found == context.state.instances().end()) {
    return NotFound("No service registered with ID " + model::Quoted(id));
  }
  const model::AgentCheck check =
      model::MaintenanceCheck(found->second->id.view(), api::ReasonFor(request));
  const Result<void> ok = *enable ? CheckRegistration(may, context.state, check)
                                  : CheckChangeOfService(may, context.state, id);
  return ok ? SwitchMaintenance(context.state, *enable, check) : ok;
}

Result<void> UpdateCheck(RouteContext& context, const access::Grant& grant, const std::string& id,
                         CheckStatus status, const std::string& output) {
  if (Result<void> ok = CheckChangeOfCheck(grant.authorizer, context.state, id); !ok) return ok;
  return context.state.UpdateTtlCheck(id, status, output);
}

}  // namespace

access::AccessHandler RegisterServiceHandler(RouteContext& context) {
  return Change(context, RegisterService);
}
access::AccessHandler RegisterCheckHandler(RouteContext& context) {
  return Change(context, RegisterCheck);
}
access::AccessHandler DeregisterServiceHandler(RouteContext& context) {
  return Change(context, DeregisterService);
}
access::AccessHandler DeregisterCheckHandler(RouteContext& context) {
  return Change(context, DeregisterCheck);
}
access::AccessHandler ServiceMaintenanceHandler(RouteContext& context) {
  return Change(context, SwitchService);
}
http::Handler MaintenanceHandler(RouteContext& context) {
  return [&context](const ExchangePtr& exchange) {
    AnswerChange(context, exchange, SwitchNode(context, exchange->request()));
  };
}

access::AccessHandler CheckStatusHandler(RouteContext& context, CheckStatus status) {
  return [&context, status](const ExchangePtr& exchange, const access::GrantPtr& grant) {
    const Request& request = exchange->request();
    const std::string note(request.FindQuery("note").value_or(""));
    exchange->Respond(AnswerTo(UpdateCheck(context, *grant, IdOf(request), status, note)));
  };
}

access::AccessHandler CheckUpdateHandler(RouteContext& context) {
  return [&context](const ExchangePtr& exchange, const access::GrantPtr& grant) {
    const Request& request = exchange->request();
    const Result<model::CheckUpdate> update = model::ParseCheckUpdate(request.body());
    exchange->Respond(update ? AnswerTo(UpdateCheck(context, *grant, IdOf(request), update->status,
                                                    update->output))
                             : api::ErrorResponse(update.error()));
  };
}

}  // namespace rollcall::agent
