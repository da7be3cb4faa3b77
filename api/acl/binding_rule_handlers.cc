#include "api/acl/binding_rule_handlers.h"

#include <spdlog/spdlog.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "api/acl/acl_change.h"
#include "api/acl_login/rule_check.h"
#include "api/reply.h"
#include "registry/acl/methods/answers.h"
#include "registry/acl/methods/drafts.h"
#include "registry/acl/methods/requests.h"
#include "registry/acl/methods/stored.h"
#include "registry/base/ascii.h"

namespace rollcall::api {
namespace {

using acl::Directory;
using catalog::Snapshot;
using ExchangePtr = std::shared_ptr<http::Exchange>;

// Of a new rule when the request has no ID.
Result<AclDraft> BindingRuleDraft(const acl::BindingRuleRequest& request,
                                  const Directory& directory) {
  const acl::Kept<acl::BindingRule>* const old =
      request.id.empty() ? nullptr : directory.binding_rules().Find(request.id);
  if (!request.id.empty() && old == nullptr) {
    return NotFound("cannot find binding rule " + request.id);
  }
  const auto find_method = [&directory](std::string_view name) -> std::optional<acl::AuthMethod> {
    const acl::Kept<acl::AuthMethod>* const method = directory.auth_methods().Find(name);
    if (method == nullptr) return std::nullopt;
    return method->object;
  };
  Result<acl::BindingRule> rule = acl::MakeBindingRule(
      request, old == nullptr ? nullptr : &old->object, find_method, acl_login::CheckSelector);
  if (!rule) return rule.error();
  AclDraft draft;
  draft.put = {WriteBindingRule(*rule)};
  draft.answer = [rule = *std::move(rule)](const Directory& now, Index at) {
    const acl::Indexes indexes = IndexesOf(now.binding_rules().Find(rule.id), rule, at);
    return http::JsonResponse(Render(BindingRuleJson(rule, indexes)));
  };
  return draft;
}

// `id`: what the path names, in lower case; empty: a new one.
void PutBindingRule(ApiWorker& worker, const ExchangePtr& exchange, const acl::BearerPtr& bearer,
                    const std::string& id) {
  Result<acl::BindingRuleRequest> request =
      acl::ParseBindingRuleRequest(exchange->request().body());
  if (!request) return exchange->Respond(ErrorResponse(request.error()));
  if (!request->id.empty() && request->id != id) {
    return exchange->Respond(
        ErrorResponse(InvalidArgument("BindingRule ID in URL and payload do not match")));
  }
  if (!id.empty() && !model::IsUuid(id)) {
    return exchange->Respond(ErrorResponse(InvalidArgument("Binding Rule ID invalid UUID")));
  }
  request->id = id;
  ChangeAccess(worker, exchange, bearer,
               [request = *std::move(request)](const Directory& directory, const Snapshot&) {
                 return BindingRuleDraft(request, directory);
               });
}

void DeleteBindingRule(ApiWorker& worker, const ExchangePtr& exchange,
                       const acl::BearerPtr& bearer) {
  const std::string id(exchange->request().PathParameter("id"));
  if (id.empty()) {
    return exchange->Respond(ErrorResponse(InvalidArgument("Missing binding rule ID")));
  }
  // By the record, so that one that cannot be read can be removed.
  ChangeAccess(worker, exchange, bearer,
               [id](const Directory& directory, const Snapshot&) -> Result<AclDraft> {
                 const acl::Kept<acl::BindingRule>* const rule = directory.binding_rules().Find(id);
                 AclDraft draft;
                 draft.remove.emplace_back(model::AclKind::kBindingRule, id);
                 draft.answer = [id, method = rule == nullptr ? "" : rule->object.auth_method](
                                    const Directory&, Index) {
                   if (!method.empty()) {
                     spdlog::info("removed binding rule {} of auth method {}", id, method);
                   }
                   return http::JsonResponse("true");
                 };
                 return draft;
               });
}

}  // namespace

AccessHandler CreateBindingRuleHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    PutBindingRule(worker, exchange, bearer, "");
  };
}

AccessHandler UpdateBindingRuleHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    PutBindingRule(worker, exchange, bearer, AsciiLower(exchange->request().PathParameter("id")));
  };
}

AccessHandler DeleteBindingRuleHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    DeleteBindingRule(worker, exchange, bearer);
  };
}

}  // namespace rollcall::api
