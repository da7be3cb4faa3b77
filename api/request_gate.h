// RequestGate: what a request passes before its handler sees it: the limits, and that the audit log
// is told of it. Made for each request, on its worker's thread.
//
// In this order: the limits of its client, which need no more than its address; then whoever
// looks up its token says what came of that; then the limits of the token.
#pragma once

#include <memory>
#include <string_view>

#include "api/api_worker.h"
#include "api/http/exchange.h"
#include "api/route_traits.h"

namespace rollcall::api {

class RequestGate {
 public:
  // The audit log is told of the answer, whoever gives it. `route` and `exchange` outlive the gate.
  RequestGate(ApiWorker& worker, const RouteTraits& route,
              const std::shared_ptr<http::Exchange>& exchange);

  // Whether the request is over a limit of its client, or presents a token while its client has
  // failed too often: it is answered with 429 then.
  bool RefusesClient() { return limits_ != nullptr && limits_->is_watching() && IsClientOver(); }

  // The accessor ID of its token; empty where there is no access control. Whether it is over a
  // limit of that token: it is answered with 429 then.
  bool RefusesToken(std::string_view accessor) {
    if (audited_ != nullptr) *audited_ = accessor;
    return limits_ != nullptr && limits_->is_watching_tokens() && !accessor.empty() &&
           route_.is_limited && !is_exempt_ && IsTokenOver(accessor);
  }

 private:
  bool IsClientOver();
  bool IsTokenOver(std::string_view accessor);
  bool Answer(const RequestLimits::Refusal& refusal);

  ApiWorker& worker_;
  const RouteTraits& route_;
  const std::shared_ptr<http::Exchange>& exchange_;
  RequestLimits* const limits_;
  bool is_exempt_ = false;
  std::shared_ptr<std::string> audited_;  // the accessor, for the audit log; null: that is off
};

// To be called for each request whose token is unknown or has expired, and for each login that is
// refused.
void CountFailedAuthentication(ApiWorker& worker, const http::Request& request);

}  // namespace rollcall::api
