#include "api/access/guard.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "api/api_worker.h"
#include "api/reply.h"
#include "api/request_gate.h"
#include "api/shared/query_options.h"
#include "registry/access/group_secret.h"
#include "registry/base/ascii.h"

namespace rollcall::api {
namespace {

using ExchangePtr = std::shared_ptr<http::Exchange>;

// RFC 6750 section 2.1; the scheme's case does not matter (RFC 9110 section 11.1).
std::string_view BearerTokenIn(std::string_view authorization) {
  constexpr std::string_view kScheme = "Bearer ";
  if (!EqualsIgnoreCase(authorization.substr(0, kScheme.size()), kScheme)) return {};
  authorization.remove_prefix(kScheme.size());
  const size_t begin = std::min(authorization.find_first_not_of(' '), authorization.size());
  authorization.remove_prefix(begin);
  const size_t end = authorization.find_last_not_of(' ');
  return authorization.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

std::string_view NameFor(const Needs& needs, const http::Request& request, const ServerInfo& info) {
  return needs.name == Needs::Name::kInPath ? request.PathParameter(needs.parameter)
                                            : std::string_view(info.node_name);
}

// Of Needs::How::kRefused.
bool IsMet(const Needs& needs, const acl::Authorizer& may, std::string_view name) {
  const bool writes = needs.right == acl::Right::kWrite;
  return std::all_of(needs.scalars.begin(), needs.scalars.end(),
                     [&](acl::Scalar s) { return writes ? may.MayWrite(s) : may.MayRead(s); }) &&
         std::all_of(needs.resources.begin(), needs.resources.end(), [&](acl::Resource r) {
           return writes ? may.MayWrite(r, name) : may.MayRead(r, name);
         });
}

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

std::string_view SecretIn(const http::Request& request) {
  if (const auto token = request.FindQuery("token"); token && !token->empty()) return *token;
  if (const auto token = request.FindHeader("X-Consul-Token"); token && !token->empty()) {
    return *token;
  }
  const auto authorization = request.FindHeader("Authorization");
  return authorization ? BearerTokenIn(*authorization) : std::string_view();
}

Result<acl::BearerPtr> BearerOf(ApiWorker& worker, const http::Request& request) {
  if (!worker.bearers().enabled()) return worker.bearers().everybody();
  const std::string_view secret = SecretIn(request);
  if (!secret.empty()) return worker.bearers().Find(secret, *worker.Snapshot());
  return worker.bearers().Find(*worker.shared().tokens.Default(), *worker.Snapshot());
}

Error PermissionDenied() { return {ErrorCode::kPermissionDenied, "Permission denied"}; }

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
        !IsMet(needs, (*bearer)->authorizer, NameFor(needs, request, worker.info()))) {
      return exchange->Respond(ErrorResponse(PermissionDenied()));
    }
    Handle(handler, exchange, *bearer);
  };
}

}  // namespace rollcall::api
