#include "api/acl/login_handlers.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "api/acl/acl_change.h"
#include "api/acl/login_attempt.h"
#include "api/acl/login_trace.h"
#include "api/audit/audit_entry.h"
#include "api/audit/audit_log.h"
#include "api/reply.h"
#include "api/route_traits.h"
#include "api/shared/access_check.h"
#include "registry/acl/methods/login_request.h"

namespace rollcall::api {
namespace {

using acl::Directory;
using catalog::Snapshot;
using ExchangePtr = std::shared_ptr<http::Exchange>;

// What the log says in place of an auth method that has not been read.
constexpr const char* kUnreadMethod = "not known";

RouteTraits LoginTraits() { return TraitsOf(http::Method::kPost, "/v1/acl/login", {200}); }
RouteTraits LogoutTraits() { return TraitsOf(http::Method::kPost, "/v1/acl/logout", {200}); }

// `size`: as far as it is known.
http::Response TooLargeLogin(ApiWorker& worker, const http::Request& request,
                             const std::string& size) {
  return LoginRefusal(
      worker, request, kUnreadMethod, PermissionDenied(),
      "the request has " + size + " bytes: up to " + std::to_string(kMaxLoginBody) + " are read");
}

Result<AclDraft> LogoutDraft(const std::string& accessor, const std::string& client,
                             const Directory& directory, LoginTrace* trace) {
  const acl::Kept<acl::Token>* const token = directory.tokens().Find(accessor);
  if (token == nullptr) return TokenNotFound();
  if (token->object.auth_method.empty()) return PermissionDenied();
  trace->auth_method = token->object.auth_method;
  AclDraft draft;
  draft.remove.emplace_back(model::AclKind::kToken, token->object.secret_hash);
  draft.answer = [accessor, client](const Directory&, Index) {
    spdlog::info("logout: client {}: token {}", client, accessor);
    return http::JsonResponse("true");
  };
  return draft;
}

}  // namespace

http::Handler LoginHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange) {
    auto trace = TraceLogin(worker, *exchange, LoginTraits());
    const std::string& body = exchange->request().body();
    if (body.size() > kMaxLoginBody) {
      return exchange->Respond(
          TooLargeLogin(worker, exchange->request(), std::to_string(body.size())));
    }
    Result<acl::LoginRequest> request = acl::ParseLoginRequest(body);
    if (!request) return exchange->Respond(ErrorResponse(request.error()));
    std::make_shared<LoginAttempt>(worker, exchange, *std::move(request), std::move(trace))
        ->Begin();
  };
}

http::Response RefuseUnreadLogin(ApiWorker& worker, const http::Request& request) {
  const auto length = request.FindHeader("Content-Length");
  http::Response response =
      TooLargeLogin(worker, request, length ? std::string(*length) : "too many");
  if (AuditLog* const log = worker.shared().audit) {
    log->Add(
        MakeAuditEntry(LoginTraits(), request, &response, "", std::chrono::system_clock::now()));
  }
  return response;
}

AccessHandler LogoutHandler(ApiWorker& worker) {
  return [&worker](const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
    auto trace = TraceLogin(worker, *exchange, LogoutTraits());
    trace->accessor = bearer->accessor_id;
    // Neither the server's own token is meant, nor the anonymous one.
    if (SecretIn(exchange->request()).empty()) {
      return exchange->Respond(ErrorResponse(TokenNotFound()));
    }
    // Whoever has the token may give it back, whatever else it grants.
    ChangeAccess(worker, exchange, nullptr,
                 [accessor = bearer->accessor_id, trace = std::move(trace),
                  client = exchange->request().remote_address()](const Directory& directory,
                                                                 const Snapshot&) {
                   return LogoutDraft(accessor, client, directory, trace.get());
                 });
  };
}

}  // namespace rollcall::api
