// Whether binding rules and auth methods go together. Without state: any thread.
#pragma once

#include <string_view>

#include "registry/acl/methods/methods.h"
#include "registry/base/result.h"
#include "registry/jwt/variables.h"

namespace rollcall::api::acl_login {

// acl::CheckSelector. kInvalidArgument for what is no selector, and for one that names other
// variables than these.
Result<void> CheckSelector(std::string_view selector, const jwt::Variables& variables);

// Whether a rule that went with a method goes with it when it is changed. kInvalidArgument, with
// the rule's ID, when its selector or its BindName has a variable that the method loses. A rule
// that did not go with it before is in nobody's way: it gives nothing now, nor then.
Result<void> CheckRuleStays(const acl::BindingRule& rule, const jwt::Variables& before,
                            const jwt::Variables& after);

}  // namespace rollcall::api::acl_login
