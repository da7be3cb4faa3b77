#include "agent/access/guard.h"

#include <stdexcept>
#include <utility>

#include "api/shared/access_check.h"
#include "api/shared/error_response.h"

namespace rollcall::access {
namespace {

using How = api::Needs::How;

// Who answers is not looked for here, or looks at the token itself.
bool IsOpen(How how) { return how == How::kNothing || how == How::kPassedOn; }

void CheckFit(const api::Needs& needs, const AnyHandler& handler) {
  const bool asks = std::holds_alternative<AccessHandler>(handler);
  const bool has_to = needs.how == How::kJudged || needs.how == How::kFiltered;
  if (has_to && !asks) {
    throw std::invalid_argument("a route that needs " + needs.ToText() +
                                " has a handler that asks for nothing");
  }
  if ((IsOpen(needs.how) && asks) || needs.how == How::kServer) {
    throw std::invalid_argument("no handler of an agent can ask for " + needs.ToText());
  }
}

void Call(const AnyHandler& handler, const ExchangePtr& exchange, const GrantPtr& grant) {
  if (const auto* asking = std::get_if<AccessHandler>(&handler)) return (*asking)(exchange, grant);
  std::get<http::Handler>(handler)(exchange);
}

}  // namespace

Guard::Guard(Options options, TokenResolver& resolver)
    : options_(std::move(options)), resolver_(resolver) {}

void Guard::Judge(const ExchangePtr& exchange, std::function<void(const GrantPtr&)> then) {
  if (!options_.enabled) return then(Everything());
  std::string secret(api::SecretIn(exchange->request()));
  if (secret.empty()) secret = options_.default_token();
  resolver_.Resolve(secret, [exchange, then = std::move(then)](const Result<GrantPtr>& grant) {
    if (!grant) return exchange->Respond(api::ErrorResponse(grant.error()));
    then(*grant);
  });
}

http::Handler Guard::Guarded(api::Needs needs, AnyHandler handler) {
  CheckFit(needs, handler);
  if (IsOpen(needs.how)) return std::get<http::Handler>(std::move(handler));
  // Shared: a request that waits for the registry may outlive no route, but should copy none.
  const auto row = std::make_shared<const std::pair<api::Needs, AnyHandler>>(std::move(needs),
                                                                             std::move(handler));
  return [this, row](const ExchangePtr& exchange) {
    Judge(exchange, [this, row, exchange](const GrantPtr& grant) {
      const auto& [needed, answer] = *row;
      if (options_.enabled && needed.how == How::kRefused &&
          !api::IsMet(needed, grant->authorizer, exchange->request(), options_.node)) {
        return exchange->Respond(api::ErrorResponse(api::PermissionDenied()));
      }
      Call(answer, exchange, grant);
    });
  };
}

}  // namespace rollcall::access
