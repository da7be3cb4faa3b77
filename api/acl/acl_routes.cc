#include "api/acl/acl_routes.h"

#include <utility>

#include "api/acl/acl_enabled.h"
#include "api/acl/acl_misc.h"
#include "api/acl/acl_reads.h"
#include "api/acl/auth_method_handlers.h"
#include "api/acl/binding_rule_handlers.h"
#include "api/acl/bootstrap_handler.h"
#include "api/acl/login_handlers.h"
#include "api/acl/policy_handlers.h"
#include "api/acl/role_handlers.h"
#include "api/acl/token_handlers.h"

namespace rollcall::api {
namespace {

using openapi::Description;

const Needs kAclReader = Needs::Read(acl::Scalar::kAcl);
const Needs kAclWriter = Needs::Write(acl::Scalar::kAcl);

AnyHandler AclRow(ApiWorker& worker, MakeAclRead make) {
  return WhereControlled(worker, AclReadHandler(worker, make));
}

// Of access control as a whole.
std::vector<Row> GeneralRows(ApiWorker& w) {
  using enum http::Method;
  return {
      {kPut, "/v1/acl/bootstrap", Needs::Nothing(), WhereControlled(w, BootstrapHandler(w)),
       Description("Makes the first token that may do everything, once.", "BootstrapToken")
           .Fails({401, 403, 409})},
      {kGet, "/v1/acl/replication", Needs::Nothing(), WhereControlled(w, AclReplicationHandler()),
       Description("The replication of tokens between datacenters: there is none.",
                   "AclReplication")
           .Fails({401})},
      {kPost, "/v1/acl/rules/translate", kAclReader, WhereControlled(w, TranslateRulesHandler()),
       Description("Rules as they were before Consul 1.4, as rules of today.", openapi::kText)
           .Body(openapi::kBytes)
           .Fails({401})},
  };
}

// Tokens.
std::vector<Row> TokenRows(ApiWorker& w) {
  using enum http::Method;
  return {
      {kPut, "/v1/acl/token", kAclWriter, WhereControlled(w, CreateTokenHandler(w)),
       Description("Makes a token. Only this answer has its secret.", "Token")
           .Takes({"dc"})
           .Body("TokenRequest")
           .Fails({401, 409})},
      {kGet, "/v1/acl/token/self", Needs::Token(), AclRow(w, AclOwnTokenRead),
       Description("The token that the request presents, with its secret.", "Token")
           .Takes(kBlocking)
           .Fails({401})},
      {kGet, "/v1/acl/token/:accessor", kAclReader, AclRow(w, AclTokenRead),
       Description("A token, without its secret.", "Token").Takes(kBlocking).Fails({401})},
      {kPut, "/v1/acl/token/:accessor", kAclWriter, WhereControlled(w, UpdateTokenHandler(w)),
       Description("Changes a token: what is not said goes.", "Token")
           .Takes({"dc"})
           .Body("TokenRequest")
           .Fails({401, 404, 409})},
      {kDelete, "/v1/acl/token/:accessor", kAclWriter, WhereControlled(w, DeleteTokenHandler(w)),
       Description("Removes a token.", "True").Takes({"dc"}).Fails({401, 409})},
      {kPut, "/v1/acl/token/:accessor/clone", kAclWriter, WhereControlled(w, CloneTokenHandler(w)),
       Description("Makes a token that may what another one may. Only this answer has its secret.",
                   "Token")
           .Takes({"dc"})
           .Body("TokenRequest")
           .Fails({401, 409})},
      {kGet, "/v1/acl/tokens", kAclReader, AclRow(w, AclTokensRead),
       Description("All tokens, without their secrets.", "ListedToken[]")
           .Takes(kBlocking, {"of-policy", "of-role", "of-auth-method"})
           .Fails({401})},
  };
}

// Policies and roles: what tokens grant.
std::vector<Row> PolicyRows(ApiWorker& w) {
  using enum http::Method;
  return {
      {kPut, "/v1/acl/policy", kAclWriter, WhereControlled(w, CreatePolicyHandler(w)),
       Description("Makes a policy.", "Policy")
           .Takes({"dc"})
           .Body("PolicyRequest")
           .Fails({401, 409})},
      {kGet, "/v1/acl/policy/:id", kAclReader, AclRow(w, AclPolicyRead),
       Description("A policy.", "Policy").Takes(kBlocking).Fails({401})},
      {kGet, "/v1/acl/policy/name/:name", kAclReader, AclRow(w, AclPolicyByNameRead),
       Description("A policy, by its name.", "Policy").Takes(kBlocking).Fails({401})},
      {kPut, "/v1/acl/policy/:id", kAclWriter, WhereControlled(w, UpdatePolicyHandler(w)),
       Description("Changes a policy: what is not said goes.", "Policy")
           .Takes({"dc"})
           .Body("PolicyRequest")
           .Fails({401, 404, 409})},
      {kDelete, "/v1/acl/policy/:id", kAclWriter, WhereControlled(w, DeletePolicyHandler(w)),
       Description("Removes a policy.", "True").Takes({"dc"}).Fails({401, 409})},
      {kGet, "/v1/acl/policies", kAclReader, AclRow(w, AclPoliciesRead),
       Description("All policies, without their rules.", "ListedPolicy[]")
           .Takes(kBlocking)
           .Fails({401})},
      {kPut, "/v1/acl/role", kAclWriter, WhereControlled(w, CreateRoleHandler(w)),
       Description("Makes a role.", "Role").Takes({"dc"}).Body("RoleRequest").Fails({401, 409})},
      {kGet, "/v1/acl/role/:id", kAclReader, AclRow(w, AclRoleRead),
       Description("A role.", "Role").Takes(kBlocking).Fails({401, 404})},
      {kGet, "/v1/acl/role/name/:name", kAclReader, AclRow(w, AclRoleByNameRead),
       Description("A role, by its name.", "Role").Takes(kBlocking).Fails({401, 404})},
      {kPut, "/v1/acl/role/:id", kAclWriter, WhereControlled(w, UpdateRoleHandler(w)),
       Description("Changes a role: what is not said goes.", "Role")
           .Takes({"dc"})
           .Body("RoleRequest")
           .Fails({401, 404, 409})},
      {kDelete, "/v1/acl/role/:id", kAclWriter, WhereControlled(w, DeleteRoleHandler(w)),
       Description("Removes a role.", "True").Takes({"dc"}).Fails({401, 409})},
      {kGet, "/v1/acl/roles", kAclReader, AclRow(w, AclRolesRead),
       Description("All roles.", "Role[]").Takes(kBlocking, {"of-policy"}).Fails({401})},
  };
}

// How one gets a token who has none.
std::vector<Row> LoginRows(ApiWorker& w) {
  using enum http::Method;
  return {
      {kPut, "/v1/acl/auth-method", kAclWriter, WhereControlled(w, CreateAuthMethodHandler(w)),
       Description("Makes or changes an auth method: whose proofs count at a login.", "AuthMethod")
           .Takes({"dc"})
           .Body("AuthMethodRequest")
           .Fails({401, 409})},
      {kGet, "/v1/acl/auth-method/:name", kAclReader, AclRow(w, AclAuthMethodRead),
       Description("An auth method.", "AuthMethod").Takes(kBlocking).Fails({401})},
      {kPut, "/v1/acl/auth-method/:name", kAclWriter,
       WhereControlled(w, UpdateAuthMethodHandler(w)),
       Description("Makes or changes an auth method: what is not said goes.", "AuthMethod")
           .Takes({"dc"})
           .Body("AuthMethodRequest")
           .Fails({401, 409})},
      {kDelete, "/v1/acl/auth-method/:name", kAclWriter,
       WhereControlled(w, DeleteAuthMethodHandler(w)),
       Description("Removes an auth method, its binding rules, and the tokens of its logins.",
                   "True")
           .Takes({"dc"})
           .Fails({401, 409})},
      {kGet, "/v1/acl/auth-methods", kAclReader, AclRow(w, AclAuthMethodsRead),
       Description("All auth methods, without their configuration.", "ListedAuthMethod[]")
           .Takes(kBlocking)
           .Fails({401})},
      {kPut, "/v1/acl/binding-rule", kAclWriter, WhereControlled(w, CreateBindingRuleHandler(w)),
       Description("Makes a binding rule: what a login gets.", "BindingRule")
           .Takes({"dc"})
           .Body("BindingRuleRequest")
           .Fails({401, 409})},
      {kGet, "/v1/acl/binding-rule/:id", kAclReader, AclRow(w, AclBindingRuleRead),
       Description("A binding rule.", "BindingRule").Takes(kBlocking).Fails({401})},
      {kPut, "/v1/acl/binding-rule/:id", kAclWriter,
       WhereControlled(w, UpdateBindingRuleHandler(w)),
       Description("Changes a binding rule: what is not said goes.", "BindingRule")
           .Takes({"dc"})
           .Body("BindingRuleRequest")
           .Fails({401, 404, 409})},
      {kDelete, "/v1/acl/binding-rule/:id", kAclWriter,
       WhereControlled(w, DeleteBindingRuleHandler(w)),
       Description("Removes a binding rule.", "True").Takes({"dc"}).Fails({401, 409})},
      {kGet, "/v1/acl/binding-rules", kAclReader, AclRow(w, AclBindingRulesRead),
       Description("All binding rules.", "BindingRule[]")
           .Takes(kBlocking, {"of-auth-method"})
           .Fails({401})},
      {kPost, "/v1/acl/login", Needs::Nothing(), WhereControlled(w, LoginHandler(w)),
       Description("Makes a token for who can prove by an auth method who he is.", "Token")
           .Takes({"dc"})
           .Body("LoginRequest")
           .Fails({401, 403, 409})},
      {kPost, "/v1/acl/logout", Needs::Token(), WhereControlled(w, LogoutHandler(w)),
       Description("Removes the token of a login that the request presents.", "True")
           .Takes({"dc"})
           .Fails({401, 409})},
  };
}

}  // namespace

std::vector<Row> AclRows(ApiWorker& worker) {
  std::vector<Row> all;
  for (const auto& rows : {GeneralRows, TokenRows, PolicyRows, LoginRows}) {
    for (Row& row : rows(worker)) all.push_back(std::move(row));
  }
  return all;
}

}  // namespace rollcall::api
