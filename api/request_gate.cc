#include "api/request_gate.h"

#include <chrono>
#include <string>
#include <utility>

#include "api/access/guard.h"
#include "api/audit/audit_entry.h"
#include "api/audit/audit_log.h"

namespace rollcall::api {
namespace {

http::Response TooMany(const RequestLimits& limits, const RequestLimits::Refusal& refusal,
                       std::string_view who) {
  http::Response response = http::TextResponse(429, limits.Explain(refusal.limit, who));
  response.AddHeader("Retry-After", std::to_string(RetryAfterSeconds(refusal.wait)));
  return response;
}

}  // namespace

RequestGate::RequestGate(ApiWorker& worker, const RouteTraits& route,
                         const std::shared_ptr<http::Exchange>& exchange)
    : worker_(worker), route_(route), exchange_(exchange), limits_(worker.limits()) {
  AuditLog* const log = worker.shared().audit;
  if (log == nullptr) return;
  audited_ = std::make_shared<std::string>();
  exchange->OnAnswer([log, route, accessor = audited_](const http::Request& request,
                                                       const http::Response* answer) {
    if (!IsAudited(route, answer)) return;
    log->Add(MakeAuditEntry(route, request, answer, *accessor, std::chrono::system_clock::now()));
  });
}

bool RequestGate::IsClientOver() {
  const http::Request& request = exchange_->request();
  const RequestLimits::Client client = limits_->ClientOf(request.remote_address());
  is_exempt_ = client.is_exempt;
  if (is_exempt_ || !route_.is_limited) return false;
  const Clock::TimePoint now = worker_.catalog().clock().Now();
  if (limits_->has_failures()) {
    const auto refusal = limits_->OfFailures(client, now);
    if (refusal && (route_.is_login || !SecretIn(request).empty())) return Answer(*refusal);
  }
  const auto refusal = limits_->OfClient(client, route_.kind(), now);
  return refusal && Answer(*refusal);
}

bool RequestGate::IsTokenOver(std::string_view accessor) {
  const auto refusal = limits_->OfToken(accessor, route_.kind(), worker_.catalog().clock().Now());
  return refusal && Answer(*refusal);
}

bool RequestGate::Answer(const RequestLimits::Refusal& refusal) {
  const std::string& who = exchange_->request().remote_address();
  if (!limits_->Refuses(refusal, who, worker_.catalog().clock().Now())) return false;
  exchange_->Respond(TooMany(*limits_, refusal, who));
  return true;
}

void CountFailedAuthentication(ApiWorker& worker, const http::Request& request) {
  if (RequestLimits* const limits = worker.limits()) {
    limits->CountFailedAuthentication(request.remote_address(), worker.catalog().clock().Now());
  }
}

}  // namespace rollcall::api
