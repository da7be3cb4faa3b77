// From what a client asks for to the auth method or binding rule that will be kept, in the manner
// of registry/acl/objects/drafts.h. Any thread. All errors are kInvalidArgument, in Consul's words
// where it has some, but for RandomUuid's.
// Source: Consul 1.8, agent/consul/acl_endpoint.go (AuthMethodSet, BindingRuleSet).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "registry/acl/methods/methods.h"
#include "registry/acl/methods/requests.h"
#include "registry/base/result.h"
#include "registry/jwt/variables.h"

namespace rollcall::acl {

// `existing`: the method of that name, or null. Its type stays, and so does the writing of its
// name. MaxTokenTTL is 0, or kMinTokenLife to kMaxTokenLife; the configuration is one that
// ParseJwtConfig takes.
Result<AuthMethod> MakeAuthMethod(AuthMethod request, const AuthMethod* existing);

// The method of this name, without regard to case; nothing when there is none.
using FindAuthMethod = std::function<std::optional<AuthMethod>(std::string_view name)>;
// Why a selector is none for a method whose logins have these variables; it is not empty.
using CheckSelector =
    std::function<Result<void>(std::string_view selector, const jwt::Variables& variables)>;

// `existing`: the rule of the request's ID, or null when it has none; whether there is a rule of
// that ID is for the caller to see. Its method stays.
Result<BindingRule> MakeBindingRule(BindingRuleRequest request, const BindingRule* existing,
                                    const FindAuthMethod& find_method,
                                    const CheckSelector& check_selector);

}  // namespace rollcall::acl
