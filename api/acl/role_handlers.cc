#include "api/acl/role_handlers.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "api/acl/acl_change.h"
#include "api/acl/acl_links.h"
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

// Of a new role when the request has no ID.
Result<AclDraft> RoleDraft(const acl::RoleRequest& request, const Directory& directory) {
  const acl::Kept<acl::Role>* const old =
      request.id.empty() ? nullptr : directory.roles().Find(request.id);
  if (!request.id.empty() && old == nullptr) return NotFound("cannot find role " + request.id);
  const acl::Kept<acl::Role>* const same_name = directory.roles().FindByName(request.name);
  if (same_name != nullptr && same_name != old) {
    return Conflict(std::string("Invalid Role: A ") +
                    (old == nullptr ? "Role with Name " : "role with name ") +
                    model::Quoted(request.name) + " already exists");
  }
  Result<acl::Role> role = MakeRole(request, PolicyFinder(directory));
  if (!role) return role.error();
  AclDraft draft;
  draft.put = {WriteRole(*role)};
  draft.answer = [role = *std::move(role)](const Directory& now, Index at) {
    const acl::Indexes indexes = IndexesOf(now.roles().Find(role.id), role, at);
    return http::JsonResponse(Render(RoleJson(role, indexes, NamesIn(now))));
  };
  return draft;
}

// `id`: what the path names, in lower case; empty: a new one.
void PutRole(ApiWorker& worker, const ExchangePtr& exchange, const acl::BearerPtr& bearer,
             const std::string& id) {
  Result<acl::RoleRequest> request = acl::ParseRoleRequest(exchange->request().body());
  if (!request) return exchange->Respond(ErrorResponse(request.error()));
  if (!request->id.empty() && request->id != id) {
    return exchange->Respond(
        ErrorResponse(InvalidArgument("Role ID in URL and payload do not match")));
  }
  if (!id.empty() && !model::IsUuid(id)) {
    return exchange->Respond(ErrorResponse(InvalidArgument("Role ID invalid UUID")));
  }
  request->id = id;
  ChangeAccess(worker, exchange, bearer,
               [request = *std::move(request)](const Directory& directory, const Snapshot&) {
                 return RoleDraft(request, directory);
               });
}

void DeleteRole(ApiWorker& worker, const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
  const std::string id(exchange->request().PathParameter("id"));
  if (id.empty()) return exchange->Respond(ErrorResponse(InvalidArgument("Missing role ID")));
  // By the record, so that one that cannot be read can be removed.
  ChangeAccess(worker, exchange, bearer,
               [id](const Directory&, const Snapshot&) -> Result<AclDraft> {
                 AclDraft draft;
                 draft.remove.emplace_back(model::AclKind::kRole, id);
                 draft.answer = [](const Directory&, Index) { return http::JsonResponse("true"); };
                 return draft;
               });
}

}  // namespace

AccessHandler CreateRoleHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    PutRole(worker, exchange, bearer, "");
  };
}

AccessHandler UpdateRoleHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    PutRole(worker, exchange, bearer, AsciiLower(exchange->request().PathParameter("id")));
  };
}

AccessHandler DeleteRoleHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    DeleteRole(worker, exchange, bearer);
  };
}

}  // namespace rollcall::api
