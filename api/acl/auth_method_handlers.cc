#include "api/acl/auth_method_handlers.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/acl/acl_change.h"
#include "api/acl_login/rule_check.h"
#include "api/reply.h"
#include "registry/acl/methods/answers.h"
#include "registry/acl/methods/config.h"
#include "registry/acl/methods/drafts.h"
#include "registry/acl/methods/requests.h"
#include "registry/acl/methods/stored.h"
#include "registry/base/ascii.h"
#include "registry/jwt/variables.h"

namespace rollcall::api {
namespace {

using acl::Directory;
using catalog::Snapshot;
using ExchangePtr = std::shared_ptr<http::Exchange>;

// Rules that went with the method still go with what becomes of it.
Result<void> CheckRulesStay(const acl::AuthMethod& before, const acl::AuthMethod& after,
                            const Directory& directory) {
  const auto old_config = acl::ParseJwtConfig(before.config);
  if (!old_config) return {};
  const auto config = acl::ParseJwtConfig(after.config);
  if (!config) return config.error();
  for (const auto& [id, rule] : directory.binding_rules().all()) {
    if (!EqualsIgnoreCase(rule.object.auth_method, before.name)) continue;
    const Result<void> stays = acl_login::CheckRuleStays(
        rule.object, jwt::EmptyVariables(*old_config), jwt::EmptyVariables(*config));
    if (!stays) return InvalidArgument("Invalid Auth Method: " + stays.error().message);
  }
  return {};
}

Result<AclDraft> AuthMethodDraft(const acl::AuthMethod& request, const Directory& directory) {
  const acl::Kept<acl::AuthMethod>* const old = directory.auth_methods().Find(request.name);
  Result<acl::AuthMethod> method =
      acl::MakeAuthMethod(request, old == nullptr ? nullptr : &old->object);
  if (!method) return method.error();
  if (old != nullptr) {
    const Result<void> ok = CheckRulesStay(old->object, *method, directory);
    if (!ok) return ok.error();
  }
  AclDraft draft;
  draft.put = {WriteAuthMethod(*method)};
  draft.answer = [method = *std::move(method)](const Directory& now, Index at) {
    const acl::Indexes indexes = IndexesOf(now.auth_methods().Find(method.name), method, at);
    return http::JsonResponse(Render(AuthMethodJson(method, indexes)));
  };
  return draft;
}

void PutAuthMethod(ApiWorker& worker, const ExchangePtr& exchange, const acl::BearerPtr& bearer,
                   std::string_view path_name) {
  Result<acl::AuthMethod> request =
      acl::ParseAuthMethodRequest(exchange->request().body(), path_name);
  if (!request) return exchange->Respond(ErrorResponse(request.error()));
  ChangeAccess(worker, exchange, bearer,
               [request = *std::move(request)](const Directory& directory, const Snapshot&) {
                 return AuthMethodDraft(request, directory);
               });
}

using AclNames = std::vector<std::pair<model::AclKind, Text>>;

// All that goes with a method, and itself at the end. `name` is also that of a record that cannot
// be read.
AclNames WhatGoesWith(const std::string& name, const Directory& directory) {
  AclNames names;
  for (const auto& [accessor, token] : directory.tokens().all()) {
    if (!EqualsIgnoreCase(token.object.auth_method, name)) continue;
    names.emplace_back(model::AclKind::kToken, token.object.secret_hash);
  }
  for (const auto& [id, rule] : directory.binding_rules().all()) {
    if (!EqualsIgnoreCase(rule.object.auth_method, name)) continue;
    names.emplace_back(model::AclKind::kBindingRule, id);
  }
  names.emplace_back(model::AclKind::kAuthMethod, name);
  return names;
}

// What goes in one change after another; each is there once, however often a change is tried.
class WhatWent {
 public:
  void Add(const AclNames& names) { names_.insert(names.begin(), names.end()); }

  // `method`: null when there is none of the name. Nothing is said when nothing of it was there:
  // the name may be a secret in the wrong place.
  void FindName(const acl::Kept<acl::AuthMethod>* method) {
    if (method != nullptr) name_ = method->object.name;
  }
  void Log(const std::string& asked) const {
    const size_t rules = Count(model::AclKind::kBindingRule);
    const size_t tokens = Count(model::AclKind::kToken);
    if (name_.empty() && rules + tokens == 0) return;
    spdlog::info("removed auth method {}, {} rule{}, {} token{}", name_.empty() ? asked : name_,
                 rules, rules == 1 ? "" : "s", tokens, tokens == 1 ? "" : "s");
  }

 private:
  size_t Count(model::AclKind kind) const {
    return static_cast<size_t>(std::count_if(
        names_.begin(), names_.end(), [kind](const auto& each) { return each.first == kind; }));
  }

  std::set<std::pair<model::AclKind, Text>> names_;
  std::string name_;  // as the method writes itself
};

AclDraft RemovalOfAuthMethod(const std::string& name, const Directory& directory,
                             const std::shared_ptr<WhatWent>& went) {
  went->FindName(directory.auth_methods().Find(name));
  AclDraft draft;
  draft.remove = WhatGoesWith(name, directory);
  draft.is_last = draft.remove.size() <= kMaxRemovedAtOnce;
  if (!draft.is_last) draft.remove.resize(kMaxRemovedAtOnce);
  went->Add(draft.remove);
  draft.answer = [went, name](const Directory&, Index) {
    went->Log(name);
    return http::JsonResponse("true");
  };
  return draft;
}

Error MissingAuthMethodName() { return InvalidArgument("Missing auth method name"); }

}  // namespace

AccessHandler CreateAuthMethodHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    PutAuthMethod(worker, exchange, bearer, "");
  };
}

AccessHandler UpdateAuthMethodHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    PutAuthMethod(worker, exchange, bearer, exchange->request().PathParameter("name"));
  };
}

AccessHandler DeleteAuthMethodHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    const std::string name(exchange->request().PathParameter("name"));
    if (name.empty()) return exchange->Respond(ErrorResponse(MissingAuthMethodName()));
    ChangeAccess(worker, exchange, bearer,
                 [name, went = std::make_shared<WhatWent>()](const Directory& directory,
                                                             const Snapshot&) -> Result<AclDraft> {
                   return RemovalOfAuthMethod(name, directory, went);
                 });
  };
}

}  // namespace rollcall::api
