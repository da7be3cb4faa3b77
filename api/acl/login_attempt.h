// LoginAttempt: one login, from its request to its answer.
//
//   begun --keys are there--> verified --bound, written--> answered with a token
//     | \--waits for keys----/    |
//     |        |                  |
//     +--------+------------------+---> answered with a refusal or an error
//
// Belongs to the worker's thread; what waits for keys is held by another one meanwhile, and comes
// back with Exchange::PostToWorker.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "api/acl/acl_change.h"
#include "api/acl/login_trace.h"
#include "api/api_worker.h"
#include "api/http/exchange.h"
#include "api/http/response.h"
#include "registry/acl/methods/login_request.h"
#include "registry/acl/methods/methods.h"
#include "registry/acl/objects/drafts.h"
#include "registry/base/result.h"
#include "registry/jwt/authenticator.h"

namespace rollcall::api {

// Logs why, counts the failure (limits, metrics) and says so: `answer` is what the client hears.
// `method`: as the log names it, in quotes where it is a name.
http::Response LoginRefusal(ApiWorker& worker, const http::Request& request,
                            const std::string& method, const Error& answer,
                            const std::string& reason);

class LoginAttempt : public std::enable_shared_from_this<LoginAttempt> {
 public:
  LoginAttempt(ApiWorker& worker, std::shared_ptr<http::Exchange> exchange,
               acl::LoginRequest request, std::shared_ptr<LoginTrace> trace);

  // Answers now or later.
  void Begin();

 private:
  // Of who waits for keys.
  void WatchClient();
  void OnIdentity(const Result<jwt::Identity>& identity);
  void Write(const jwt::Identity& identity);
  Result<AclDraft> Draft(const jwt::Identity& identity, const acl::Directory& directory,
                         const catalog::Snapshot& snapshot);
  Result<acl::TokenAndSecret> TokenFor(const jwt::Identity& identity,
                                       const acl::Directory& directory) const;
  AclDraft TokenDraft(const jwt::Identity& identity, acl::TokenAndSecret made);
  // Changes nothing, but finds out whether everything was seen.
  AclDraft RefusalDraft(const Error& answer, const std::string& reason);

  // For the log: in quotes, and only a name that a method has.
  std::string MethodShown() const;
  http::Response RefusalOf(const Error& answer, const std::string& reason);
  // Not the client's doing.
  void Fail(const Error& error, const std::string& reason);

  ApiWorker& worker_;
  const std::shared_ptr<http::Exchange> exchange_;
  acl::LoginRequest request_;
  const std::shared_ptr<LoginTrace> trace_;
  acl::AuthMethod method_;  // as it was when the login began
  bool is_waiting_ = true;
  bool has_left_ = false;              // the client, meanwhile
  std::atomic<bool> is_known_{false};  // whether the keys have been there; set on any thread
};

}  // namespace rollcall::api
