#include "api/access/guard.h"

#include <stdexcept>
#include <string>
#include <utility>

#include "api/api_worker.h"
#include "api/reply.h"
#include "api/request_gate.h"
#include "api/shared/query_options.h"
#include "registry/access/group_secret.h"

namespace rollcall::api {
namespace {

using ExchangePtr = std::shared_ptr<http::Exchange>;

// Consul's open version has no namespaces and partitions: refused before anything else.
bool IsRefusedForEnterprise(const ExchangePtr& exchange) {
  const Result<void> ok = RefuseEnterpriseParameters(exchange->request());
  if (!ok) exchange->Respond(ErrorResponse(ok.error()));
  return !ok;
}

// For anybody.
http::Handler Open(ApiWorker& worker, const RouteTraits& traits, http::Handler handler) {
  return [&worker, traits, handler = std::move(handler)](const ExchangePtr& exchange) {
    RequestGate gate(worker, traits, exchange);
    if (!gate.RefusesClient() && !IsRefusedForEnterprise(exchange)) handler(exchange);
  };
}

// For the other servers of the same store alone.
http::Handler GuardedForServers(ApiWorker& worker, const RouteTraits& traits,
                                http::Handler handler) {
  return [&worker, traits, handler = std::move(handler)](const ExchangePtr& exchange) {
    RequestGate gate(worker, traits, exchange);
    if (gate.RefusesClient()) return;
    const http::Request& request = exchange->request();
    const bool is_server =
        !worker.bearers().enabled() || acl::IsGroupSecret(SecretIn(request), *worker.Snapshot());
    if (!is_server) {
      CountFailedAuthentication(worker, request);
      return exchange->Respond(ErrorResponse(PermissionDenied()));
    }
    handler(exchange);
  };
}

void Handle(const AnyHandler& handler, const ExchangePtr& exchange, const acl::BearerPtr& bearer) {
  if (const auto* asking = std::get_if<AccessHandler>(&handler)) return (*asking)(exchange, bearer);
  std::get<http::Handler>(handler)(exchange);
}

}  // namespace

Result<acl::BearerPtr> BearerOf(ApiWorker& worker, const http::Request& request) {
  if (!worker.bearers().enabled()) return worker.bearers().everybody();
  const std::string_view secret = SecretIn(request);
  if (!secret.empty()) return worker.bearers().Find(secret, *worker.Snapshot());
  return worker.bearers().Find(*worker.shared().tokens.Default(), *worker.Snapshot());
}

std::function<bool()> StillMay(ApiWorker& worker, acl::BearerPtr bearer,
                               std::function<bool(const acl::Authorizer&)> grants) {
  // Everybody, who needs no token then, is granted all but `acl`.
  if (!worker.bearers().enabled()) return [] { return true; };
  return [&worker, bearer = std::move(bearer), grants = std::move(grants)] {
    const Result<acl::BearerPtr> now = worker.bearers().FindAgain(*bearer, *worker.Snapshot());
    return now && grants((*now)->authorizer);
  };
}

http::Handler Guarded(ApiWorker& worker, Needs needs, RouteTraits traits, AnyHandler handler) {
  const bool asks = std::holds_alternative<AccessHandler>(handler);
  const bool has_to = needs.how == Needs::How::kJudged || needs.how == Needs::How::kFiltered;
  if (has_to && !asks) {
    throw std::invalid_argument("a route that needs " + needs.ToText() +
                                " has a handler that asks for nothing");
  }
  if (needs.how == Needs::How::kNothing) {
    if (asks) throw std::invalid_argument("a route that needs nothing has a handler that asks");
    return Open(worker, traits, std::get<http::Handler>(std::move(handler)));
  }
  if (needs.how == Needs::How::kServer) {
    return GuardedForServers(worker, traits, std::get<http::Handler>(std::move(handler)));
  }
  return [&worker, needs = std::move(needs), traits,
          handler = std::move(handler)](const ExchangePtr& exchange) {
    RequestGate gate(worker, traits, exchange);
    if (gate.RefusesClient() || IsRefusedForEnterprise(exchange)) return;
    const http::Request& request = exchange->request();
    const Result<acl::BearerPtr> bearer = BearerOf(worker, request);
    if (!bearer) {
      if (bearer.error().code == ErrorCode::kPermissionDenied) {
        CountFailedAuthentication(worker, request);
      }
      return exchange->Respond(ErrorResponse(bearer.error()));
    }
    if (gate.RefusesToken((*bearer)->accessor_id)) return;
    if (needs.how == Needs::How::kRefused && worker.bearers().enabled() &&
        !IsMet(needs, (*bearer)->authorizer, request, worker.info().node_name)) {
      return exchange->Respond(ErrorResponse(PermissionDenied()));
    }
    Handle(handler, exchange, *bearer);
  };
}

}  // namespace rollcall::api
