// From an identity that an auth method vouches for to the token of its login. Without state: any
// thread. Nothing is kept here: whoever calls gives the token to the catalog.
// Source: Consul 1.8, agent/consul/acl_endpoint.go (Login) and acl_authmethod.go
// (evaluateRoleBindings); its documentation of binding rules.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "registry/acl/methods/methods.h"
#include "registry/acl/objects/drafts.h"
#include "registry/acl/objects/objects.h"
#include "registry/base/result.h"
#include "registry/base/rfc3339.h"
#include "registry/jwt/authenticator.h"

namespace rollcall::api::acl_login {

// What a login is given.
struct Bindings {
  std::vector<std::string> role_ids;
  std::vector<acl::ServiceIdentity> service_identities;
  std::vector<acl::NodeIdentity> node_identities;

  bool empty() const {
    return role_ids.empty() && service_identities.empty() && node_identities.empty();
  }
};

struct LoginContext {
  acl::FindLink find_role;      // asked by name
  std::string_view datacenter;  // this one, where node identities count
  UtcTime now;
  // Told of rules that are for nobody; null: nobody is.
  std::function<void(const std::string& what)> say = nullptr;
};

// By all rules of the method whose selector matches, each name once. Rules of other methods are
// passed over, and so is a role that there is none of; those whose selector is none, or names what
// the login does not have, as well, and `say` is told.
// kPermissionDenied when a name that a matching rule makes is none: the rule would give somebody
// else's rights, or the claim is not what its author has thought it was.
Result<Bindings> Bind(const acl::AuthMethod& method, const std::vector<acl::BindingRule>& rules,
                      const jwt::Variables& variables, const LoginContext& context);

// When the token of a login dies: with the JWT, and MaxTokenTTL after `now` if that is earlier. A
// JWT that is past its exp, and is taken for the leeway of clocks alone, is good for as long as
// that takes it.
UtcTime ExpirationOf(const acl::AuthMethod& method, const jwt::TokenLife& life, UtcTime now);

// kPermissionDenied as Bind, and when no rule gives anything: a token without rights is of no use.
// `description`: acl::LoginDescription.
Result<acl::TokenAndSecret> TokenOfLogin(const acl::AuthMethod& method,
                                         const std::vector<acl::BindingRule>& rules,
                                         const jwt::Identity& identity,
                                         const std::string& description,
                                         const LoginContext& context);

}  // namespace rollcall::api::acl_login
