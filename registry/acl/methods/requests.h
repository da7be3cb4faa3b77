// What clients ask to be made of auth methods and binding rules: the bodies of PUT
// /v1/acl/auth-method and binding-rule, and of their updates, in the manner of
// registry/acl/objects/ requests.h. Without state: any thread. All errors are kInvalidArgument.
// Source: Consul 1.8, agent/acl_endpoint.go.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "registry/acl/methods/methods.h"
#include "registry/base/result.h"

namespace rollcall::acl {

inline constexpr size_t kMaxAuthMethodName = 128;

// "AuthMethod decoding failed: " and the reason for what is no such body. `path_name`: the name in
// the path of the request, if there is one, which the body need not repeat and must not contradict.
// The name is set and valid; all else is looked at when it is known what it replaces (drafts.h).
Result<AuthMethod> ParseAuthMethodRequest(std::string_view body, std::string_view path_name = {});

// As it was written: what is not said is empty.
struct BindingRuleRequest {
  std::string id;  // a UUID in lower case
  std::string description;
  std::string auth_method;
  std::string selector;
  std::string bind_type;
  std::string bind_name;
};

// "BindingRule decoding failed: " and the reason for what is no such body.
Result<BindingRuleRequest> ParseBindingRuleRequest(std::string_view body);

}  // namespace rollcall::acl
