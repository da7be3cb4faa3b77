#include "api/acl/login_attempt.h"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "api/acl/acl_links.h"
#include "api/acl/logins.h"
#include "api/acl_login/login.h"
#include "api/reply.h"
#include "api/request_gate.h"
#include "api/shared/access_check.h"
#include "registry/acl/objects/answers.h"
#include "registry/acl/objects/stored.h"
#include "registry/base/ascii.h"
#include "registry/base/printable.h"
#include "registry/model/json.h"

namespace rollcall::api {
namespace {

using acl::Directory;
using catalog::Snapshot;
using jwt::Identity;

constexpr const char* kTryAgain = "the auth method has been changed meanwhile; try again";

std::vector<acl::BindingRule> BindingRulesOf(const acl::AuthMethod& method,
                                             const Directory& directory) {
  std::vector<acl::BindingRule> rules;
  for (const auto& [id, rule] : directory.binding_rules().all()) {
    if (EqualsIgnoreCase(rule.object.auth_method, method.name)) rules.push_back(rule.object);
  }
  return rules;
}

}  // namespace

http::Response LoginRefusal(ApiWorker& worker, const http::Request& request,
                            const std::string& method, const Error& answer,
                            const std::string& reason) {
  spdlog::warn("a login was refused: auth method {}, client {}: {}", method,
               request.remote_address(), FirstLine(reason));
  worker.shared().logins.Count(LoginResult::kRefused);
  CountFailedAuthentication(worker, request);
  return ErrorResponse(answer);
}

LoginAttempt::LoginAttempt(ApiWorker& worker, std::shared_ptr<http::Exchange> exchange,
                           acl::LoginRequest request, std::shared_ptr<LoginTrace> trace)
    : worker_(worker),
      exchange_(std::move(exchange)),
      request_(std::move(request)),
      trace_(std::move(trace)) {}

void LoginAttempt::Begin() {
  const std::shared_ptr<const Snapshot> snapshot = worker_.Snapshot();
  const Directory& directory = worker_.DirectoryOf(*snapshot);
  const acl::Kept<acl::AuthMethod>* const method =
      directory.auth_methods().Find(request_.auth_method);
  if (method == nullptr) {
    return exchange_->Respond(RefusalOf(TokenNotFound(), "there is no such auth method"));
  }
  method_ = method->object;
  trace_->auth_method = method_.name;
  Logins& logins = worker_.shared().logins;
  const auto authenticator = logins.AuthenticatorFor(method_, directory, worker_.catalog().clock());
  if (!authenticator) return Fail(authenticator.error(), authenticator.error().message);
  Logins::Place place = logins.TakePlace();
  if (place == nullptr) {
    const std::string why = "too many logins wait for the keys of their auth methods; try again";
    return Fail(Unavailable(why), why);
  }
  (*authenticator)
      ->Authenticate(
          request_.bearer_token, worker_.shared().access.now(),
          [self = shared_from_this(), place](const Result<Identity>& identity) {
            self->is_known_ = true;
            self->exchange_->PostToWorker([self, place, identity] { self->OnIdentity(identity); });
          });
  request_.bearer_token.clear();
  if (!is_known_) WatchClient();
}

void LoginAttempt::WatchClient() {
  // By weak pointers: the exchange would hold itself.
  exchange_->OnClosed([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->has_left_ = true;
  });
  exchange_->OnShutdown([weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self == nullptr || !std::exchange(self->is_waiting_, false)) return;
    self->Fail(Unavailable("the server shuts down"), "the server shuts down");
  });
}

void LoginAttempt::OnIdentity(const Result<Identity>& identity) {
  if (!std::exchange(is_waiting_, false)) return;
  // A token that nobody gets to know would be of no use until it expires.
  if (has_left_) return Fail(Unavailable("the client has left"), "the client has left");
  if (identity) return Write(*identity);
  if (identity.error().code == ErrorCode::kPermissionDenied) {
    return exchange_->Respond(RefusalOf(PermissionDenied(), identity.error().message));
  }
  Fail(Unavailable("the keys to verify the token with cannot be had at present; the log of the "
                   "server says why"),
       identity.error().message);
}

void LoginAttempt::Write(const Identity& identity) {
  ChangeAccess(
      worker_, exchange_, nullptr,
      [self = shared_from_this(), identity](const Directory& directory, const Snapshot& snapshot) {
        return self->Draft(identity, directory, snapshot);
      });
}

Result<AclDraft> LoginAttempt::Draft(const Identity& identity, const Directory& directory,
                                     const Snapshot& snapshot) {
  const acl::Kept<acl::AuthMethod>* const method = directory.auth_methods().Find(method_.name);
  if (method == nullptr) return RefusalDraft(TokenNotFound(), "the auth method was removed");
  // By its old settings the token was good; by these it may not be.
  if (method->object != method_) return Conflict(kTryAgain);
  auto made = TokenFor(identity, directory);
  if (!made && made.error().code == ErrorCode::kPermissionDenied) {
    return RefusalDraft(PermissionDenied(), made.error().message);
  }
  if (!made) return made.error();
  if (made->token.IsExpired(worker_.shared().access.now())) {
    return RefusalDraft(PermissionDenied(), "the token has expired meanwhile");
  }
  const Result<void> free = CheckIsFree(made->token, made->secret, directory, snapshot);
  if (!free) return free.error();
  return TokenDraft(identity, *std::move(made));
}

Result<acl::TokenAndSecret> LoginAttempt::TokenFor(const Identity& identity,
                                                   const Directory& directory) const {
  return acl_login::TokenOfLogin(
      method_, BindingRulesOf(method_, directory), identity, acl::LoginDescription(request_),
      {LinkFindersIn(directory).role, worker_.info().datacenter, worker_.shared().access.now(),
       [this](const std::string& what) {
         spdlog::warn("a login: auth method {}: {}", MethodShown(), FirstLine(what));
       }});
}

AclDraft LoginAttempt::TokenDraft(const Identity& identity, acl::TokenAndSecret made) {
  AclDraft draft;
  draft.put = {WriteToken(made.token)};
  draft.answer = [self = shared_from_this(), issuer = identity.issuer, subject = identity.subject,
                  made = std::move(made)](const Directory& now, Index at) {
    const acl::Token& token = made.token;
    self->trace_->accessor = token.accessor_id;
    self->worker_.shared().logins.Count(LoginResult::kOk);
    spdlog::info("login: auth method {}, client {}: token {} for {} of {}", self->MethodShown(),
                 self->exchange_->request().remote_address(), token.accessor_id,
                 model::Quoted(subject), model::Quoted(issuer));
    const acl::Indexes indexes = IndexesOf(now.tokens().Find(token.accessor_id), token, at);
    return http::JsonResponse(Render(TokenJson(token, made.secret, indexes, NamesIn(now))));
  };
  return draft;
}

AclDraft LoginAttempt::RefusalDraft(const Error& answer, const std::string& reason) {
  AclDraft draft;
  draft.answer = [self = shared_from_this(), answer, reason](const Directory&, Index) {
    return self->RefusalOf(answer, reason);
  };
  return draft;
}

std::string LoginAttempt::MethodShown() const {
  // What the request has, may be a secret in the wrong place; each UUID could be a name.
  return method_.name.empty() ? "that there is not" : model::Quoted(method_.name);
}

http::Response LoginAttempt::RefusalOf(const Error& answer, const std::string& reason) {
  return LoginRefusal(worker_, exchange_->request(), MethodShown(), answer, reason);
}

void LoginAttempt::Fail(const Error& error, const std::string& reason) {
  spdlog::warn("a login failed: auth method {}, client {}: {}", MethodShown(),
               exchange_->request().remote_address(), FirstLine(reason));
  worker_.shared().logins.Count(LoginResult::kFailed);
  exchange_->Respond(ErrorResponse(error));
}

}  // namespace rollcall::api
