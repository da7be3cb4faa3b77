#include "registry/jwt/claims.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "registry/base/go_duration.h"
#include "registry/jwt/shown.h"

namespace rollcall::jwt {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

// Fine enough for leeways, and wide enough for times of any year, which nanoseconds are not.
using Moment = std::chrono::sys_time<milliseconds>;

// The end of the year 9999. Nobody means a later time.
constexpr double kLatestSecond = 253402300799;

struct Times {
  std::optional<Moment> issued_at;
  std::optional<Moment> not_before;
  std::optional<Moment> expires;
};

// RFC 7519 section 2, NumericDate. Its fraction is dropped, as in Consul.
Result<void> ReadTimeClaim(const json& claims, const char* name, std::optional<Moment>* out) {
  const auto claim = claims.find(name);
  if (claim == claims.end() || claim->is_null()) return {};
  const std::string subject = "the claim " + std::string(name);
  if (!claim->is_number()) return Refused(subject + " is not a number of seconds");
  const auto number = claim->get<double>();
  if (!(number >= 0 && number <= kLatestSecond)) {
    return Refused(subject + " is a time out of range");
  }
  *out = Moment(seconds(static_cast<int64_t>(number)));
  return {};
}

Result<Times> ReadTimes(const json& claims) {
  Times times;
  for (const auto& [name, out] :
       {std::pair{"iat", &times.issued_at}, std::pair{"nbf", &times.not_before},
        std::pair{"exp", &times.expires}}) {
    if (const Result<void> ok = ReadTimeClaim(claims, name, out); !ok) return ok.error();
  }
  if (times.issued_at || times.not_before || times.expires) return times;
  return Refused("no issue time, notbefore, or expiration time encoded in token");
}

milliseconds InMilliseconds(nanoseconds duration) {
  return std::chrono::floor<milliseconds>(duration);
}

// For a message, in whole seconds, up to a century.
std::string Between(Moment from, Moment to) {
  constexpr seconds kCentury{3'155'760'000};
  return FormatGoDuration(std::min(std::chrono::floor<seconds>(to - from), kCentury));
}

UtcTime ToUtcTime(Moment time) {
  constexpr auto kLatest = std::chrono::floor<milliseconds>(UtcTime::max());
  return UtcTime(std::min(time, kLatest));
}

Result<TokenLife> CheckTimes(Times times, const MethodConfig& config, UtcTime utc_now) {
  if (!times.expires) {
    times.expires =
        std::max(times.issued_at.value_or(Moment()), times.not_before.value_or(Moment())) +
        InMilliseconds(LeewayOf(config.expiration_leeway, kDefaultExpirationLeeway));
  }
  const char* const begins_by = times.not_before ? "nbf"
                                : times.issued_at
                                    ? "iat"
                                    : "NotBeforeLeeway before its exp: it has neither nbf nor iat";
  if (!times.not_before) {
    times.not_before = times.issued_at.value_or(
        *times.expires -
        InMilliseconds(LeewayOf(config.not_before_leeway, kDefaultNotBeforeLeeway)));
  }
  const auto skew = InMilliseconds(LeewayOf(config.clock_skew_leeway, kDefaultClockSkewLeeway));
  const auto now = std::chrono::floor<milliseconds>(utc_now);
  if (now + skew < *times.not_before) {
    return Refused("the token is not valid yet (" + std::string(begins_by) + "), for another " +
                   Between(now, *times.not_before));
  }
  if (now - skew > *times.expires) {
    return Refused("the token has expired (exp), " + Between(*times.expires, now) + " ago");
  }
  if (times.issued_at && now + skew < *times.issued_at) {
    return Refused("the token was issued in the future (iat), by " +
                   Between(now, *times.issued_at));
  }
  return TokenLife{ToUtcTime(*times.expires), ToUtcTime(*times.expires + skew)};
}

Result<void> CheckIssuer(const json& claims, const std::string& bound_issuer) {
  if (bound_issuer.empty()) return {};
  const auto issuer = claims.find("iss");
  if (issuer != claims.end() && *issuer == bound_issuer) return {};
  const std::string found = issuer != claims.end() && issuer->is_string()
                                ? Shown(issuer->get_ref<const std::string&>())
                                : "none";
  return Refused("the token's issuer (iss) is " + found + ", not " + Shown(bound_issuer) +
                 " (BoundIssuer)");
}

// RFC 7519 section 4.1.3: one string, or a list.
Result<std::vector<std::string>> AudiencesOf(const json& claims) {
  const auto claim = claims.find("aud");
  std::vector<std::string> audiences;
  if (claim == claims.end() || claim->is_null()) return audiences;
  if (claim->is_string()) return std::vector{claim->get<std::string>()};
  if (!claim->is_array()) return Refused("the claim aud is no string and no list of strings");
  for (const json& element : *claim) {
    if (!element.is_string()) return Refused("the claim aud is no string and no list of strings");
    audiences.push_back(element.get<std::string>());
  }
  return audiences;
}

Result<void> CheckAudience(const json& claims, const std::vector<std::string>& bound) {
  const auto audiences = AudiencesOf(claims);
  if (!audiences) return audiences.error();
  if (bound.empty()) {
    if (audiences->empty()) return {};
    return Refused("audience claim found in JWT but no audiences are bound (BoundAudiences)");
  }
  for (const std::string& audience : *audiences) {
    if (std::find(bound.begin(), bound.end(), audience) != bound.end()) return {};
  }
  return Refused("aud claim does not match any bound audience: it is " +
                 (audiences->empty() ? "not there" : Shown(audiences->front())));
}

}  // namespace

Result<TokenLife> CheckClaims(const json& claims, const MethodConfig& config, UtcTime now) {
  if (const Result<void> ok = CheckIssuer(claims, config.bound_issuer); !ok) return ok.error();
  const auto times = ReadTimes(claims);
  if (!times) return times.error();
  auto life = CheckTimes(*times, config, now);
  if (!life) return life.error();
  if (const Result<void> ok = CheckAudience(claims, config.bound_audiences); !ok) {
    return ok.error();
  }
  return life;
}

}  // namespace rollcall::jwt
