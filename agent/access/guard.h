// Guard: what stands between a request to the agent's own API and its handler: whose request it is,
// and whether he may have it answered. As the registry's (api/access/guard.h), but what a token
// grants has to be asked for first, so that a handler may run later than its request came.
// Where access is not controlled everybody may do everything, and nothing is asked.
// The loop's thread. It outlives the routes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "agent/access/grant.h"
#include "agent/access/token_resolver.h"
#include "api/http/exchange.h"
#include "api/http/router.h"
#include "api/shared/needs.h"

namespace rollcall::access {

using ExchangePtr = std::shared_ptr<http::Exchange>;

// A handler that asks by itself what the bearer may do, or shows no more than he may see.
using AccessHandler = std::function<void(const ExchangePtr&, const GrantPtr&)>;
using AnyHandler = std::variant<http::Handler, AccessHandler>;

class Guard {
 public:
  struct Options {
    bool enabled = false;  // acl.enabled
    std::string node;      // this agent's
    // The secret of the token that stands in for who presents none; empty: the anonymous one does.
    std::function<std::string()> default_token = [] { return std::string(); };
  };

  // `resolver` outlives it.
  Guard(Options options, TokenResolver& resolver);

  bool enabled() const { return options_.enabled; }

  // Calls `then` with what the bearer of the request's token may do, or answers that there is none.
  void Judge(const ExchangePtr& exchange, std::function<void(const GrantPtr&)> then);

  // `handler` for those who may. Throws std::invalid_argument when `needs` leaves something to the
  // handler and it is none that asks, or the other way round: the route table is part of the
  // program.
  http::Handler Guarded(api::Needs needs, AnyHandler handler);

 private:
  const Options options_;
  TokenResolver& resolver_;
};

}  // namespace rollcall::access
