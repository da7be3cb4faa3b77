// Names that binding rules make out of variables: "${value.team}-api". Without state: any thread.
//
//   template = (text / "${" blanks variable blanks "}" / "$${")*
// "$${" stands for "${". Of HIL, the language of Consul's templates, this is what names need: its
// arithmetic, conditionals and functions are refused.
// Source: Consul 1.8, agent/consul/acl_authmethod.go (computeBindingRuleBindName) and
// lib/template/hil.go.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "registry/acl/methods/methods.h"
#include "registry/base/result.h"

namespace rollcall::acl {

// With `values` by the names behind "value." (jwt::Variables::values), in lower case, as Consul
// puts them in. kInvalidArgument for a template that is none, a variable that is not there, and a
// result that is no name of a service identity, a node identity or a role.
Result<std::string> ComputeBindName(BindType type, std::string_view bind_name,
                                    const std::map<std::string, std::string>& values);

// Whether any login could get a name of it, given these variables: tried with the value "fake" for
// each, as in Consul. kInvalidArgument otherwise.
Result<void> CheckBindName(BindType type, std::string_view bind_name,
                           const std::map<std::string, std::string>& variables);

}  // namespace rollcall::acl
