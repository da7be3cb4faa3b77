#include "api/route_traits.h"

#include <algorithm>

namespace rollcall::api {
namespace {

constexpr std::string_view kHeartbeat = "/v1/catalog/heartbeat";
constexpr std::string_view kRenewals = "/v1/internal/renewals";
// By which agents find out what tokens grant: over a limit they would know nothing of any.
constexpr std::string_view kRules = "/v1/internal/acl/rules";

RouteTraits::Effect EffectOf(http::Method method, std::string_view pattern) {
  using enum RouteTraits::Effect;
  if (method == http::Method::kGet || method == http::Method::kHead) return kRead;
  for (const std::string_view renewal :
       {kHeartbeat, kRenewals, std::string_view("/v1/agent/check/pass/*id"),
        std::string_view("/v1/agent/check/warn/*id"), std::string_view("/v1/agent/check/fail/*id"),
        std::string_view("/v1/agent/check/update/*id")}) {
    if (pattern == renewal) return kRenewal;
  }
  return kWrite;
}

}  // namespace

RouteTraits TraitsOf(http::Method method, std::string_view pattern,
                     const std::vector<int>& statuses) {
  RouteTraits traits;
  traits.pattern = pattern;
  traits.effect = EffectOf(method, pattern);
  traits.is_limited = pattern != kHeartbeat && pattern != kRenewals && pattern != kRules;
  traits.answers_with_429 = std::find(statuses.begin(), statuses.end(), 429) != statuses.end();
  traits.handles_secrets =
      pattern.starts_with("/v1/acl/") || pattern.starts_with("/v1/agent/token/");
  traits.is_login = pattern == "/v1/acl/login";
  return traits;
}

}  // namespace rollcall::api
