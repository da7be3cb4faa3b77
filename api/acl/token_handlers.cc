#include "api/acl/token_handlers.h"

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "api/acl/acl_change.h"
#include "api/acl/acl_links.h"
#include "api/reply.h"
#include "api/shared/access_check.h"
#include "registry/acl/objects/answers.h"
#include "registry/acl/objects/drafts.h"
#include "registry/acl/objects/requests.h"
#include "registry/acl/objects/stored.h"
#include "registry/base/ascii.h"

namespace rollcall::api {
namespace {

using acl::Directory;
using catalog::Snapshot;
using ExchangePtr = std::shared_ptr<http::Exchange>;

http::Response TokenAnswer(const acl::Token& token, std::optional<std::string_view> secret,
                           const Directory& directory, Index at) {
  const acl::Indexes indexes = IndexesOf(directory.tokens().Find(token.accessor_id), token, at);
  return http::JsonResponse(Render(TokenJson(token, secret, indexes, NamesIn(directory))));
}

// Of a token that nobody has yet.
Result<AclDraft> NewTokenDraft(Result<acl::TokenAndSecret> made, const Directory& directory,
                               const Snapshot& snapshot) {
  if (!made) return made.error();
  const Result<void> free = CheckIsFree(made->token, made->secret, directory, snapshot);
  if (!free) return free.error();
  AclDraft draft;
  draft.put = {WriteToken(made->token)};
  draft.answer = [made = *std::move(made)](const Directory& now, Index at) {
    return TokenAnswer(made.token, made.secret, now, at);
  };
  return draft;
}

void CreateToken(ApiWorker& worker, const ExchangePtr& exchange, const acl::BearerPtr& bearer,
                 acl::TokenRequest request) {
  ChangeAccess(worker, exchange, bearer,
               [&worker, request = std::move(request)](const Directory& directory,
                                                       const Snapshot& snapshot) {
                 return NewTokenDraft(
                     NewToken(request, LinkFindersIn(directory), worker.shared().access.now()),
                     directory, snapshot);
               });
}

Result<AclDraft> ChangedTokenDraft(const std::string& accessor, const acl::TokenRequest& request,
                                   UtcTime now, const Directory& directory) {
  const acl::Kept<acl::Token>* const old = directory.FindLiveToken(accessor, now);
  if (old == nullptr) return NotFound("Cannot find token \"" + accessor + "\"");
  acl::Token before = old->object;
  if (old->record == nullptr) before.create_time = now;
  Result<acl::Token> changed = ChangedToken(before, request, LinkFindersIn(directory));
  if (!changed) return changed.error();
  AclDraft draft;
  draft.put = {WriteToken(*changed)};
  draft.answer = [token = *std::move(changed)](const Directory& now_there, Index at) {
    return TokenAnswer(token, std::nullopt, now_there, at);
  };
  return draft;
}

void UpdateToken(ApiWorker& worker, const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
  const http::Request& sent = exchange->request();
  const std::string accessor = AsciiLower(sent.PathParameter("accessor"));
  Result<acl::TokenRequest> request = acl::ParseTokenRequest(sent.body());
  if (!request) return exchange->Respond(ErrorResponse(request.error()));
  if (!request->accessor_id.empty() && request->accessor_id != accessor) {
    return exchange->Respond(
        ErrorResponse(InvalidArgument("Token Accessor ID in URL and payload do not match")));
  }
  if (accessor.empty()) return CreateToken(worker, exchange, bearer, *std::move(request));
  if (!model::IsUuid(accessor)) {
    return exchange->Respond(ErrorResponse(InvalidArgument("AccessorID is not a valid UUID")));
  }
  ChangeAccess(worker, exchange, bearer,
               [&worker, accessor, request = *std::move(request)](const Directory& directory,
                                                                  const Snapshot&) {
                 return ChangedTokenDraft(accessor, request, worker.shared().access.now(),
                                          directory);
               });
}

// Only its description counts; none is needed.
Result<std::string> CloneDescription(const std::string& body) {
  if (body.empty()) return std::string();
  Result<acl::TokenRequest> request = acl::ParseTokenRequest(body);
  if (!request) return request.error();
  return std::move(request->description);
}

void CloneToken(ApiWorker& worker, const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
  const http::Request& sent = exchange->request();
  const std::string accessor(sent.PathParameter("accessor"));
  Result<std::string> description = CloneDescription(sent.body());
  if (!description) return exchange->Respond(ErrorResponse(description.error()));
  ChangeAccess(worker, exchange, bearer,
               [&worker, accessor, description = *std::move(description)](
                   const Directory& directory, const Snapshot& snapshot) -> Result<AclDraft> {
                 const UtcTime now = worker.shared().access.now();
                 const acl::Kept<acl::Token>* const old = directory.FindLiveToken(accessor, now);
                 if (old == nullptr) return TokenNotFound();
                 return NewTokenDraft(ClonedToken(old->object, description, now), directory,
                                      snapshot);
               });
}

void DeleteToken(ApiWorker& worker, const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
  const std::string accessor = AsciiLower(exchange->request().PathParameter("accessor"));
  if (accessor.empty()) {
    return exchange->Respond(ErrorResponse(InvalidArgument("Missing token ID")));
  }
  if (!model::IsUuid(accessor)) {
    return exchange->Respond(
        ErrorResponse(InvalidArgument("Accessor ID is missing or an invalid UUID")));
  }
  if (accessor == acl::kAnonymousTokenId) {
    return exchange->Respond(
        ErrorResponse(InvalidArgument("Delete operation not permitted on the anonymous token")));
  }
  ChangeAccess(worker, exchange, bearer,
               [accessor](const Directory& directory, const Snapshot&) -> Result<AclDraft> {
                 AclDraft draft;
                 const acl::Kept<acl::Token>* const token = directory.tokens().Find(accessor);
                 if (token != nullptr) {
                   draft.remove.emplace_back(model::AclKind::kToken, token->object.secret_hash);
                 }
                 draft.answer = [](const Directory&, Index) { return http::JsonResponse("true"); };
                 return draft;
               });
}

}  // namespace

AccessHandler CreateTokenHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    Result<acl::TokenRequest> request = acl::ParseTokenRequest(exchange->request().body());
    if (!request) return exchange->Respond(ErrorResponse(request.error()));
    CreateToken(worker, exchange, bearer, *std::move(request));
  };
}

AccessHandler UpdateTokenHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    UpdateToken(worker, exchange, bearer);
  };
}

AccessHandler CloneTokenHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    CloneToken(worker, exchange, bearer);
  };
}

AccessHandler DeleteTokenHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    DeleteToken(worker, exchange, bearer);
  };
}

}  // namespace rollcall::api
