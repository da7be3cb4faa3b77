#include "registry/acl/methods/drafts.h"

#include <utility>

#include "registry/acl/methods/bind_name.h"
#include "registry/acl/methods/config.h"
#include "registry/acl/objects/requests.h"
#include "registry/acl/objects/secrets.h"
#include "registry/base/ascii.h"
#include "registry/base/go_duration.h"
#include "registry/model/json.h"

namespace rollcall::acl {
namespace {

Result<void> CheckMaxTokenTtl(std::chrono::nanoseconds ttl) {
  const bool is_too_long = ttl > kMaxTokenLife;
  if (ttl.count() == 0 || (!is_too_long && ttl >= kMinTokenLife)) return {};
  return InvalidArgument("MaxTokenTTL " + FormatGoDuration(ttl) + " cannot be " +
                         (is_too_long ? "more than " : "less than ") +
                         FormatGoDuration(is_too_long ? kMaxTokenLife : kMinTokenLife));
}

// The name of the method that a rule is for.
Result<std::string> MethodOf(const BindingRuleRequest& request, const BindingRule* existing) {
  if (existing != nullptr && request.auth_method.empty()) return existing->auth_method;
  if (existing != nullptr && !EqualsIgnoreCase(existing->auth_method, request.auth_method)) {
    return InvalidArgument("the AuthMethod field of an Binding Rule is immutable");
  }
  if (!request.auth_method.empty()) return request.auth_method;
  return InvalidArgument("Invalid Binding Rule: no AuthMethod is set");
}

Result<BindType> BindTypeOf(const BindingRuleRequest& request) {
  if (request.bind_type.empty()) {
    return InvalidArgument("Invalid Binding Rule: no BindType is set");
  }
  if (request.bind_name.empty()) {
    return InvalidArgument("Invalid Binding Rule: no BindName is set");
  }
  BindType type = BindType::kService;
  if (ParseBindType(request.bind_type, &type)) return type;
  return InvalidArgument("Invalid Binding Rule: unknown BindType " +
                         model::Quoted(request.bind_type) +
                         ": it is \"service\", \"node\" or \"role\"");
}

}  // namespace

Result<AuthMethod> MakeAuthMethod(AuthMethod request, const AuthMethod* existing) {
  if (existing != nullptr) {
    if (!request.type.empty() && request.type != existing->type) {
      return InvalidArgument("the Type field of an Auth Method is immutable");
    }
    request.type = existing->type;
    request.name = existing->name;
  }
  if (request.type != kJwtMethod) {
    return InvalidArgument("Invalid Auth Method: Type should be one of: [jwt]");
  }
  if (const Result<void> ok = CheckMaxTokenTtl(request.max_token_ttl); !ok) return ok.error();
  if (!request.token_locality.empty() && request.token_locality != "local" &&
      request.token_locality != "global") {
    return InvalidArgument(
        "Invalid Auth Method: TokenLocality should be one of 'local' or 'global'");
  }
  if (const auto config = ParseJwtConfig(request.config); !config) {
    return InvalidArgument("Invalid Auth Method: " + config.error().message);
  }
  return request;
}

Result<BindingRule> MakeBindingRule(BindingRuleRequest request, const BindingRule* existing,
                                    const FindAuthMethod& find_method,
                                    const CheckSelector& check_selector) {
  const auto method_name = MethodOf(request, existing);
  if (!method_name) return method_name.error();
  const auto method = find_method(*method_name);
  if (!method) {
    return InvalidArgument("cannot find auth method with name " + model::Quoted(*method_name));
  }
  const auto config = ParseJwtConfig(method->config);
  if (!config) return config.error();
  const jwt::Variables variables = jwt::EmptyVariables(*config);
  if (!request.selector.empty()) {
    if (const Result<void> ok = check_selector(request.selector, variables); !ok) {
      return InvalidArgument("invalid Binding Rule: Selector is invalid: " + ok.error().message);
    }
  }
  const auto type = BindTypeOf(request);
  if (!type) return type.error();
  const Result<void> named = CheckBindName(*type, request.bind_name, variables.values);
  if (!named) {
    return InvalidArgument("Invalid Binding Rule: invalid BindName: " + named.error().message);
  }
  auto id = existing == nullptr ? RandomUuid() : Result<std::string>(existing->id);
  if (!id) return id.error();
  return BindingRule{*std::move(id), std::move(request.description),
                     method->name,   std::move(request.selector),
                     *type,          std::move(request.bind_name)};
}

}  // namespace rollcall::acl
