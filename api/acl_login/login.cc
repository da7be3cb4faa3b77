#include "api/acl_login/login.h"

#include <algorithm>
#include <utility>

#include "api/acl_login/selector.h"
#include "registry/acl/methods/bind_name.h"
#include "registry/acl/objects/identity_checks.h"
#include "registry/acl/objects/secrets.h"
#include "registry/base/ascii.h"

namespace rollcall::api::acl_login {
namespace {

Error Denied(std::string why) { return {ErrorCode::kPermissionDenied, std::move(why)}; }

// Fails closed: a rule that asks for what no login of the method has is for nobody.
bool IsFor(const acl::BindingRule& rule, const jwt::Variables& variables,
           const LoginContext& context) {
  const auto selector = Selector::Parse(rule.selector);
  const Result<void> ok = selector ? selector->CheckNames(variables) : selector.error();
  if (ok) return selector->Matches(variables);
  if (context.say) {
    context.say("the binding rule " + rule.id +
                " gives nothing to anybody: its selector: " + ok.error().message);
  }
  return false;
}

void Add(acl::BindType type, const std::string& name, const LoginContext& context,
         Bindings* bindings) {
  switch (type) {
    case acl::BindType::kService:
      bindings->service_identities.push_back({name, {}});
      break;
    case acl::BindType::kNode:
      bindings->node_identities.push_back({name, std::string(context.datacenter)});
      break;
    case acl::BindType::kRole:
      if (auto id = context.find_role({"", name})) bindings->role_ids.push_back(*std::move(id));
      break;
  }
}

}  // namespace

Result<Bindings> Bind(const acl::AuthMethod& method, const std::vector<acl::BindingRule>& rules,
                      const jwt::Variables& variables, const LoginContext& context) {
  Bindings bindings;
  for (const acl::BindingRule& rule : rules) {
    if (!EqualsIgnoreCase(rule.auth_method, method.name)) continue;
    if (!IsFor(rule, variables, context)) continue;
    const auto name = acl::ComputeBindName(rule.bind_type, rule.bind_name, variables.values);
    if (!name) return Denied("the binding rule " + rule.id + ": " + name.error().message);
    Add(rule.bind_type, *name, context, &bindings);
  }
  acl::Normalize(&bindings.service_identities);
  acl::Normalize(&bindings.node_identities);
  std::sort(bindings.role_ids.begin(), bindings.role_ids.end());
  bindings.role_ids.erase(std::unique(bindings.role_ids.begin(), bindings.role_ids.end()),
                          bindings.role_ids.end());
  return bindings;
}

UtcTime ExpirationOf(const acl::AuthMethod& method, const jwt::TokenLife& life, UtcTime now) {
  const UtcTime end = life.expires > now ? life.expires : life.accepted;
  if (method.max_token_ttl.count() == 0) return end;
  return std::min(end, now + method.max_token_ttl);
}

Result<acl::TokenAndSecret> TokenOfLogin(const acl::AuthMethod& method,
                                         const std::vector<acl::BindingRule>& rules,
                                         const jwt::Identity& identity,
                                         const std::string& description,
                                         const LoginContext& context) {
  auto bindings = Bind(method, rules, identity.variables, context);
  if (!bindings) return bindings.error();
  if (bindings->empty()) return Denied("no binding rule of the auth method gives it anything");
  auto accessor = acl::RandomUuid();
  if (!accessor) return accessor.error();
  auto secret = acl::RandomUuid();
  if (!secret) return secret.error();
  acl::Token token;
  token.accessor_id = *std::move(accessor);
  token.secret_hash = acl::HashSecret(*secret);
  token.description = description;
  token.role_ids = std::move(bindings->role_ids);
  token.service_identities = std::move(bindings->service_identities);
  token.node_identities = std::move(bindings->node_identities);
  token.local = method.token_locality != "global";
  token.auth_method = method.name;
  token.create_time = context.now;
  token.expiration_time = ExpirationOf(method, identity.life, context.now);
  return acl::TokenAndSecret{std::move(token), *std::move(secret)};
}

}  // namespace rollcall::api::acl_login
