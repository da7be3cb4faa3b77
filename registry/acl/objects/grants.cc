#include "registry/acl/objects/grants.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "registry/acl/identities.h"
#include "registry/acl/objects/secrets.h"
#include "registry/acl/objects/stored.h"
#include "registry/acl/rule_parser.h"
#include "registry/acl/rule_writer.h"
#include "registry/acl/syntax.h"
#include "registry/base/ascii.h"

namespace rollcall::acl {
namespace {

// As Consul's clients know it.
Error TokenNotFound() { return NotFound("ACL not found"); }

// None: everywhere. A denial must not be lost for the case of a name, which DNS does not look at.
bool CountsHere(const std::vector<std::string>& datacenters, std::string_view here) {
  return datacenters.empty() ||
         std::any_of(datacenters.begin(), datacenters.end(),
                     [here](const std::string& each) { return EqualsIgnoreCase(each, here); });
}

// Collects the rules of one token.
class RuleCollector {
 public:
  RuleCollector(const Token& token, const GrantContext& context)
      : accessor_id_(token.accessor_id), context_(context) {}

  Result<void> AddPolicies(const std::vector<std::string>& ids) {
    for (const std::string& id : ids) {
      if (!seen_.insert(id).second) continue;
      if (Result<void> ok = AddPolicy(id); !ok) return ok;
    }
    return {};
  }

  Result<void> AddRoles(const std::vector<std::string>& ids) {
    for (const std::string& id : ids) {
      const model::AclObject* object = context_.find(model::AclKind::kRole, id);
      if (object == nullptr) continue;
      if (Result<void> ok = Count(object->content.size()); !ok) return ok;
      const Result<Role> role = ReadRole(*object);
      if (!role) return role.error();
      if (Result<void> ok = AddPolicies(role->policy_ids); !ok) return ok;
      if (Result<void> ok = AddIdentities(role->service_identities, role->node_identities); !ok) {
        return ok;
      }
    }
    return {};
  }

  Result<void> AddIdentities(const std::vector<ServiceIdentity>& services,
                             const std::vector<NodeIdentity>& nodes) {
    for (const ServiceIdentity& identity : services) {
      if (!CountsHere(identity.datacenters, context_.datacenter)) continue;
      if (auto ok = AddIdentity(ServiceIdentityRules(identity.service_name)); !ok) return ok;
    }
    for (const NodeIdentity& identity : nodes) {
      if (!EqualsIgnoreCase(identity.datacenter, context_.datacenter)) continue;
      if (auto ok = AddIdentity(NodeIdentityRules(identity.node_name)); !ok) return ok;
    }
    return {};
  }

  std::vector<Rules> Take() { return std::move(rules_); }

 private:
  // Of what is looked at, whether or not it grants anything here.
  Result<void> Count(size_t bytes) {
    bytes_ += bytes;
    if (bytes_ <= kMaxGrantBytes) return {};
    return Corruption("the token " + Quoted(accessor_id_) +
                      " grants nothing: its policies, roles and "
                      "identities are more than " +
                      std::to_string(kMaxGrantBytes) + " bytes together: link it with less");
  }

  Result<void> AddIdentity(const Result<Rules>& rules) {
    if (rules) {
      if (Result<void> ok = Count(WriteRules(*rules).size()); !ok) return ok;
    }
    return Add(rules, "an identity");
  }

  Result<void> AddPolicy(const std::string& id) {
    if (id == kGlobalManagementId) return Add(GlobalManagementRules(), id);
    const model::AclObject* object = context_.find(model::AclKind::kPolicy, id);
    if (object == nullptr) return {};
    if (Result<void> ok = Count(object->content.size()); !ok) return ok;
    const Result<Policy> policy = ReadPolicy(*object);
    if (!policy) return policy.error();
    if (!CountsHere(policy->datacenters, context_.datacenter)) return {};
    return Add(ParseRules(policy->rules), "the policy " + Quoted(policy->name));
  }

  // All of them were checked before they were stored.
  Result<void> Add(Result<Rules> rules, std::string_view owner) {
    if (!rules) {
      return Corruption("the stored rules of " + std::string(owner) +
                        " cannot be read: " + rules.error().message);
    }
    rules_.push_back(*std::move(rules));
    return {};
  }

  const std::string& accessor_id_;
  const GrantContext& context_;
  size_t bytes_ = 0;
  std::vector<Rules> rules_;
  std::set<std::string, std::less<>> seen_;  // policies
};

}  // namespace

Result<Token> FindTokenBySecret(std::string_view secret, const GrantContext& context) {
  return FindTokenByHash(HashSecret(secret.empty() ? kAnonymousSecret : secret), context);
}

Result<Token> FindTokenByHash(std::string_view secret_hash, const GrantContext& context) {
  const model::AclObject* object = context.find(model::AclKind::kToken, secret_hash);
  if (object == nullptr) {
    if (secret_hash == HashSecret(kAnonymousSecret)) return AnonymousToken(UtcTime());
    return TokenNotFound();
  }
  Result<Token> token = ReadToken(*object);
  if (token && token->IsExpired(context.now)) return TokenNotFound();
  return token;
}

Result<std::vector<Rules>> RulesOf(const Token& token, const GrantContext& context) {
  if (token.IsExpired(context.now)) return TokenNotFound();
  RuleCollector collector(token, context);
  if (const Result<void> ok = collector.AddPolicies(token.policy_ids); !ok) return ok.error();
  if (const Result<void> ok = collector.AddRoles(token.role_ids); !ok) return ok.error();
  const Result<void> ok = collector.AddIdentities(token.service_identities, token.node_identities);
  if (!ok) return ok.error();
  return collector.Take();
}

Authorizer Compile(std::span<const Rules> policies, DefaultPolicy otherwise) {
  std::vector<const Rules*> each;
  each.reserve(policies.size());
  for (const Rules& rules : policies) each.push_back(&rules);
  return {each, otherwise};
}

Result<Authorizer> AuthorizerOf(const Token& token, const GrantContext& context) {
  const Result<std::vector<Rules>> rules = RulesOf(token, context);
  if (!rules) return rules.error();
  return Compile(*rules, context.otherwise);
}

}  // namespace rollcall::acl
