#include "api/acl_login/rule_check.h"

#include "api/acl_login/selector.h"
#include "registry/acl/methods/bind_name.h"

namespace rollcall::api::acl_login {
namespace {

Result<void> CheckGoesWith(const acl::BindingRule& rule, const jwt::Variables& variables) {
  if (const Result<void> ok = CheckSelector(rule.selector, variables); !ok) return ok;
  return acl::CheckBindName(rule.bind_type, rule.bind_name, variables.values);
}

}  // namespace

Result<void> CheckSelector(std::string_view selector, const jwt::Variables& variables) {
  const auto parsed = Selector::Parse(selector);
  if (!parsed) return parsed.error();
  return parsed->CheckNames(variables);
}

Result<void> CheckRuleStays(const acl::BindingRule& rule, const jwt::Variables& before,
                            const jwt::Variables& after) {
  if (before == after || !CheckGoesWith(rule, before)) return {};
  const Result<void> goes = CheckGoesWith(rule, after);
  if (goes) return {};
  return InvalidArgument("its binding rule " + rule.id + " would not go with it any more: " +
                         goes.error().message + "; change or remove the rule first");
}

}  // namespace rollcall::api::acl_login
