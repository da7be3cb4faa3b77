#include "agent/login/login_request.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "agent/tokens.h"
#include "registry/base/printable.h"
#include "registry/base/rfc3339.h"

namespace rollcall::login {
namespace {

using nlohmann::ordered_json;

constexpr std::chrono::hours kLongestLife{24 * 365 * 10};

std::string TextOf(const ordered_json& token, const char* name) {
  const auto found = token.find(name);
  return found == token.end() || !found->is_string() ? std::string() : found->get<std::string>();
}

Error NoToken(const std::string& why) {
  return Corruption("its answer to a login is not understood: " + why);
}

}  // namespace

front::UpstreamRequest LoginRequest(const LoginOptions& options, const std::string& bearer_token) {
  ordered_json body = {{"AuthMethod", options.auth_method}, {"BearerToken", bearer_token}};
  if (!options.meta.empty()) body["Meta"] = options.meta;
  return {.method = "POST",
          .target = "/v1/acl/login",
          .headers = {{"Content-Type", "application/json"}},
          .body = body.dump(-1, ' ', false, ordered_json::error_handler_t::replace)};
}

front::UpstreamRequest LogoutRequest(const std::string& secret) {
  return {.method = "POST", .target = "/v1/acl/logout", .headers = {{"X-Consul-Token", secret}}};
}

Result<LoginToken> ReadLoginAnswer(std::string_view body) {
  const ordered_json json = ordered_json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return NoToken("it is no JSON object");
  LoginToken token{.secret = TextOf(json, "SecretID"),
                   .accessor_id = Printable(TextOf(json, "AccessorID")),
                   .expires = TextOf(json, "ExpirationTime"),
                   .life = std::nullopt};
  if (!agent::IsTokenText(token.secret)) return NoToken("it has no SecretID");
  if (token.expires.empty()) return token;
  // Both are the registry's: whether this host's clock is right does not matter.
  const Result<UtcTime> from = ParseRfc3339(TextOf(json, "CreateTime"));
  const Result<UtcTime> until = ParseRfc3339(token.expires);
  if (!from || !until) return NoToken("its CreateTime or ExpirationTime is no time");
  // UtcTime reaches over 584 years, of which the difference has to be one that clocks can hold.
  const auto milliseconds_of = [](UtcTime time) {
    return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
  };
  const std::chrono::milliseconds life = milliseconds_of(*until) - milliseconds_of(*from);
  if (life.count() <= 0) return NoToken("its token has expired already");
  token.life = std::min<std::chrono::milliseconds>(life, kLongestLife);
  return token;
}

}  // namespace rollcall::login
