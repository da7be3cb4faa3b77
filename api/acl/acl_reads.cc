#include "api/acl/acl_reads.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/acl/acl_change.h"
#include "api/answer_read.h"
#include "api/reply.h"
#include "api/shared/access_check.h"
#include "registry/acl/methods/answers.h"
#include "registry/acl/objects/answers.h"
#include "registry/base/ascii.h"

namespace rollcall::api {
namespace {

using acl::Directory;
using catalog::Snapshot;
using http::Request;
using nlohmann::ordered_json;

using AclRender = std::function<Rendered(const Directory& directory)>;

enum class AclReader : uint8_t { kWhoMayReadAcl, kAnybody };

Read AclRead(ApiWorker& worker, AclRender render, AclReader reader = AclReader::kWhoMayReadAcl) {
  return Read(
             catalog::WatchKey::Acl(),
             [](const Snapshot& snapshot) { return snapshot.acl_index(); },
             [&worker, render = std::move(render), reader](const Snapshot& snapshot,
                                                           Sight& sight) -> Rendered {
               // Asked again, for who has waited.
               if (reader == AclReader::kWhoMayReadAcl && !sight.Acl()) return PermissionDenied();
               return render(worker.DirectoryOf(snapshot));
             },
             IndexMoves::kAlsoWithoutIt)
      .Telling({.nodes = false, .services = false});
}

std::string AclQuery(const Request& request, std::string_view name) {
  return std::string(request.FindQuery(name).value_or(""));
}

Result<std::string> AclPathParameter(const Request& request, std::string_view name,
                                     const char* missing) {
  std::string value(request.PathParameter(name));
  if (value.empty()) return InvalidArgument(missing);
  return value;
}

bool ListsId(const std::vector<std::string>& ids, const std::string& id) {
  return std::any_of(ids.begin(), ids.end(),
                     [&id](const std::string& each) { return EqualsIgnoreCase(each, id); });
}

// Which tokens a list shows; what is empty does not matter.
struct WantedTokens {
  std::string policy;
  std::string role;
  std::string auth_method;

  int count() const {
    return static_cast<int>(!policy.empty()) + static_cast<int>(!role.empty()) +
           static_cast<int>(!auth_method.empty());
  }
  bool Matches(const acl::Token& token) const {
    return (policy.empty() || ListsId(token.policy_ids, policy)) &&
           (role.empty() || ListsId(token.role_ids, role)) &&
           (auth_method.empty() || EqualsIgnoreCase(token.auth_method, auth_method));
  }
};

Rendered TokenBody(const Directory& directory, const acl::Kept<acl::Token>* token,
                   std::optional<std::string_view> secret) {
  if (token == nullptr) return TokenNotFound();
  return Render(TokenJson(token->object, secret, token->indexes(), NamesIn(directory)));
}

Rendered PolicyBody(const acl::Kept<acl::Policy>* policy) {
  if (policy == nullptr) return TokenNotFound();
  return Render(PolicyJson(policy->object, policy->indexes()));
}

Rendered RoleBody(const Directory& directory, const acl::Kept<acl::Role>* role,
                  const std::string& asked) {
  if (role == nullptr) return NotFound("cannot find role " + asked);
  return Render(RoleJson(role->object, role->indexes(), NamesIn(directory)));
}

}  // namespace

AccessHandler AclReadHandler(ApiWorker& worker, MakeAclRead make) {
  return [&worker, make](const std::shared_ptr<http::Exchange>& exchange,
                         const acl::BearerPtr& bearer) {
    const Request& request = exchange->request();
    const Result<QueryOptions> options = ParseQueryOptions(request, ContextOf(worker.info()));
    if (!options) return exchange->Respond(ErrorResponse(options.error()));
    const Result<Read> read = make(worker, request, *bearer);
    if (!read) return exchange->Respond(ErrorResponse(read.error()));
    AnswerRead(worker, exchange, bearer, *options, *read);
  };
}

Result<Read> AclTokensRead(ApiWorker& worker, const Request& request, const acl::Bearer&) {
  const WantedTokens wanted = {AclQuery(request, "policy"), AclQuery(request, "role"),
                               AclQuery(request, "authmethod")};
  if (wanted.count() > 1) {
    return InvalidArgument("can only filter by one of policy, role, or authmethod at a time");
  }
  return AclRead(worker, [&worker, wanted](const Directory& directory) {
    const UtcTime now = worker.shared().access.now();
    ordered_json list = ordered_json::array();
    for (const auto& [accessor, token] : directory.tokens().all()) {
      if (token.object.IsExpired(now) || !wanted.Matches(token.object)) continue;
      list.push_back(TokenListedJson(token.object, token.indexes(), NamesIn(directory)));
    }
    return Render(list);
  });
}

Result<Read> AclTokenRead(ApiWorker& worker, const Request& request, const acl::Bearer&) {
  Result<std::string> accessor = AclPathParameter(request, "accessor", "Missing token ID");
  if (!accessor) return accessor.error();
  return AclRead(worker, [&worker, accessor = *std::move(accessor)](const Directory& directory) {
    return TokenBody(directory, directory.FindLiveToken(accessor, worker.shared().access.now()),
                     std::nullopt);
  });
}

Result<Read> AclOwnTokenRead(ApiWorker& worker, const Request& request, const acl::Bearer& bearer) {
  // Empty: the server's default token was meant, whose secret is the server's, or the anonymous
  // one.
  const std::string secret(SecretIn(request));
  return AclRead(
      worker,
      [&worker, secret, accessor = bearer.accessor_id](const Directory& directory) {
        return TokenBody(directory, directory.FindLiveToken(accessor, worker.shared().access.now()),
                         secret.empty() ? std::nullopt : std::optional<std::string_view>(secret));
      },
      AclReader::kAnybody);
}

Result<Read> AclPoliciesRead(ApiWorker& worker, const Request&, const acl::Bearer&) {
  return AclRead(worker, [](const Directory& directory) {
    ordered_json list = ordered_json::array();
    for (const auto& [id, policy] : directory.policies().all()) {
      list.push_back(PolicyListedJson(policy.object, policy.indexes()));
    }
    return Render(list);
  });
}

Result<Read> AclPolicyRead(ApiWorker& worker, const Request& request, const acl::Bearer&) {
  Result<std::string> id = AclPathParameter(request, "id", "Missing policy ID");
  if (!id) return id.error();
  return AclRead(worker, [id = *std::move(id)](const Directory& directory) {
    return PolicyBody(directory.policies().Find(id));
  });
}

Result<Read> AclPolicyByNameRead(ApiWorker& worker, const Request& request, const acl::Bearer&) {
  Result<std::string> name = AclPathParameter(request, "name", "Missing policy Name");
  if (!name) return name.error();
  return AclRead(worker, [name = *std::move(name)](const Directory& directory) {
    return PolicyBody(directory.policies().FindByName(name));
  });
}

Result<Read> AclRolesRead(ApiWorker& worker, const Request& request, const acl::Bearer&) {
  return AclRead(worker, [policy = AclQuery(request, "policy")](const Directory& directory) {
    ordered_json list = ordered_json::array();
    for (const auto& [id, role] : directory.roles().all()) {
      if (!policy.empty() && !ListsId(role.object.policy_ids, policy)) continue;
      list.push_back(RoleJson(role.object, role.indexes(), NamesIn(directory)));
    }
    return Render(list);
  });
}

Result<Read> AclRoleRead(ApiWorker& worker, const Request& request, const acl::Bearer&) {
  Result<std::string> id = AclPathParameter(request, "id", "Missing role ID");
  if (!id) return id.error();
  return AclRead(worker, [id = *std::move(id)](const Directory& directory) {
    return RoleBody(directory, directory.roles().Find(id), id);
  });
}

Result<Read> AclRoleByNameRead(ApiWorker& worker, const Request& request, const acl::Bearer&) {
  Result<std::string> name = AclPathParameter(request, "name", "Missing role Name");
  if (!name) return name.error();
  return AclRead(worker, [name = *std::move(name)](const Directory& directory) {
    return RoleBody(directory, directory.roles().FindByName(name), name);
  });
}

Result<Read> AclAuthMethodsRead(ApiWorker& worker, const Request&, const acl::Bearer&) {
  return AclRead(worker, [](const Directory& directory) {
    ordered_json list = ordered_json::array();
    for (const auto& [name, method] : directory.auth_methods().all()) {
      list.push_back(AuthMethodListedJson(method.object, method.indexes()));
    }
    return Render(list);
  });
}

Result<Read> AclAuthMethodRead(ApiWorker& worker, const Request& request, const acl::Bearer&) {
  Result<std::string> name = AclPathParameter(request, "name", "Missing auth method name");
  if (!name) return name.error();
  return AclRead(worker, [name = *std::move(name)](const Directory& directory) -> Rendered {
    const acl::Kept<acl::AuthMethod>* const method = directory.auth_methods().Find(name);
    if (method == nullptr) return TokenNotFound();
    return Render(AuthMethodJson(method->object, method->indexes()));
  });
}

Result<Read> AclBindingRulesRead(ApiWorker& worker, const Request& request, const acl::Bearer&) {
  return AclRead(worker, [method = AclQuery(request, "authmethod")](const Directory& directory) {
    ordered_json list = ordered_json::array();
    for (const auto& [id, rule] : directory.binding_rules().all()) {
      if (!method.empty() && !EqualsIgnoreCase(rule.object.auth_method, method)) continue;
      list.push_back(BindingRuleJson(rule.object, rule.indexes()));
    }
    return Render(list);
  });
}

Result<Read> AclBindingRuleRead(ApiWorker& worker, const Request& request, const acl::Bearer&) {
  Result<std::string> id = AclPathParameter(request, "id", "Missing binding rule ID");
  if (!id) return id.error();
  return AclRead(worker, [id = *std::move(id)](const Directory& directory) -> Rendered {
    const acl::Kept<acl::BindingRule>* const rule = directory.binding_rules().Find(id);
    if (rule == nullptr) return TokenNotFound();
    return Render(BindingRuleJson(rule->object, rule->indexes()));
  });
}

}  // namespace rollcall::api
