#include "api/acl/policy_handlers.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "api/acl/acl_change.h"
#include "api/reply.h"
#include "registry/acl/objects/answers.h"
#include "registry/acl/objects/drafts.h"
#include "registry/acl/objects/requests.h"
#include "registry/acl/objects/stored.h"
#include "registry/base/ascii.h"
#include "registry/model/json.h"

namespace rollcall::api {
namespace {

using acl::Directory;
using catalog::Snapshot;
using ExchangePtr = std::shared_ptr<http::Exchange>;

Result<AclDraft> PolicyDraft(acl::Policy policy) {
  AclDraft draft;
  draft.put = {WritePolicy(policy)};
  draft.answer = [policy = std::move(policy)](const Directory& directory, Index at) {
    const acl::Indexes indexes = IndexesOf(directory.policies().Find(policy.id), policy, at);
    return http::JsonResponse(Render(PolicyJson(policy, indexes)));
  };
  return draft;
}

Result<AclDraft> NewPolicyDraft(const acl::Policy& request, const Directory& directory) {
  if (directory.policies().FindByName(request.name) != nullptr) {
    return Conflict("Invalid Policy: A Policy with Name " + model::Quoted(request.name) +
                    " already exists");
  }
  Result<acl::Policy> policy = acl::NewPolicy(request);
  if (!policy) return policy.error();
  return PolicyDraft(*std::move(policy));
}

Result<AclDraft> ChangedPolicyDraft(const std::string& id, const acl::Policy& request,
                                    const Directory& directory) {
  const acl::Kept<acl::Policy>* const old = directory.policies().Find(id);
  if (old == nullptr) return NotFound("cannot find policy " + id);
  const acl::Kept<acl::Policy>* const same_name = directory.policies().FindByName(request.name);
  if (same_name != nullptr && same_name != old) {
    return Conflict("Invalid Policy: A policy with name " + model::Quoted(request.name) +
                    " already exists");
  }
  Result<acl::Policy> policy = ChangedPolicy(old->object, request);
  if (!policy) return policy.error();
  return PolicyDraft(*std::move(policy));
}

void CreatePolicy(ApiWorker& worker, const ExchangePtr& exchange, const acl::BearerPtr& bearer,
                  acl::Policy request) {
  ChangeAccess(worker, exchange, bearer,
               [request = std::move(request)](const Directory& directory, const Snapshot&) {
                 return NewPolicyDraft(request, directory);
               });
}

void UpdatePolicy(ApiWorker& worker, const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
  const http::Request& sent = exchange->request();
  const std::string id = AsciiLower(sent.PathParameter("id"));
  Result<acl::Policy> request = acl::ParsePolicyRequest(sent.body());
  if (!request) return exchange->Respond(ErrorResponse(request.error()));
  if (!request->id.empty() && request->id != id) {
    return exchange->Respond(
        ErrorResponse(InvalidArgument("Policy ID in URL and payload do not match")));
  }
  if (id.empty()) return CreatePolicy(worker, exchange, bearer, *std::move(request));
  if (!model::IsUuid(id)) {
    return exchange->Respond(ErrorResponse(InvalidArgument("Policy ID invalid UUID")));
  }
  ChangeAccess(worker, exchange, bearer,
               [id, request = *std::move(request)](const Directory& directory, const Snapshot&) {
                 return ChangedPolicyDraft(id, request, directory);
               });
}

void DeletePolicy(ApiWorker& worker, const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
  const std::string id(exchange->request().PathParameter("id"));
  if (id.empty()) return exchange->Respond(ErrorResponse(InvalidArgument("Missing policy ID")));
  if (id == acl::kGlobalManagementId) {
    return exchange->Respond(ErrorResponse(
        InvalidArgument("Delete operation not permitted on the builtin global-management policy")));
  }
  // By the record, so that one that cannot be read can be removed.
  ChangeAccess(worker, exchange, bearer,
               [id](const Directory&, const Snapshot&) -> Result<AclDraft> {
                 AclDraft draft;
                 draft.remove.emplace_back(model::AclKind::kPolicy, id);
                 draft.answer = [](const Directory&, Index) { return http::JsonResponse("true"); };
                 return draft;
               });
}

}  // namespace

AccessHandler CreatePolicyHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    Result<acl::Policy> request = acl::ParsePolicyRequest(exchange->request().body());
    if (!request) return exchange->Respond(ErrorResponse(request.error()));
    if (!request->id.empty()) {
      return exchange->Respond(
          ErrorResponse(InvalidArgument("Cannot specify the ID when creating a new policy")));
    }
    CreatePolicy(worker, exchange, bearer, *std::move(request));
  };
}

AccessHandler UpdatePolicyHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    UpdatePolicy(worker, exchange, bearer);
  };
}

AccessHandler DeletePolicyHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    DeletePolicy(worker, exchange, bearer);
  };
}

}  // namespace rollcall::api
