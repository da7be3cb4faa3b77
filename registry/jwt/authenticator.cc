#include "registry/jwt/authenticator.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "registry/base/printable.h"
#include "registry/jwt/shown.h"
#include "registry/jwt/verify.h"

namespace rollcall::jwt {
namespace {

std::string PrintableClaim(const nlohmann::json& claims, const char* name) {
  constexpr size_t kMaxSize = 256;
  const auto claim = claims.find(name);
  if (claim == claims.end() || !claim->is_string()) return {};
  return Printable(claim->get_ref<const std::string&>().substr(0, kMaxSize));
}

}  // namespace

Result<Identity> IdentityOf(const CompactJws& token, const KeySet& keys, const MethodConfig& config,
                            UtcTime now) {
  const auto claims = VerifiedClaims(token, keys, config.supported_algs);
  if (!claims) return claims.error();
  const auto life = CheckClaims(*claims, config, now);
  if (!life) return life.error();
  auto variables = MapClaims(*claims, config);
  if (!variables) return variables.error();
  return Identity{PrintableClaim(*claims, "iss"), PrintableClaim(*claims, "sub"),
                  *std::move(variables), *life};
}

Authenticator::Authenticator(MethodConfig config, std::shared_ptr<KeySource> keys)
    : config_(std::make_shared<const MethodConfig>(std::move(config))), keys_(std::move(keys)) {}

void Authenticator::Authenticate(std::string_view token, UtcTime now,
                                 OnIdentity on_identity) const {
  auto jws = ParseCompactJws(token);
  if (!jws) return on_identity(std::move(jws).error());
  const auto key_id = jws->key_id;
  keys_->Find(key_id,
              [config = config_, jws = *std::move(jws), now, on_identity = std::move(on_identity)](
                  const Result<std::shared_ptr<const KeySet>>& keys) {
                if (!keys) return on_identity(keys.error());
                auto identity = IdentityOf(jws, **keys, *config, now);
                if (!identity && identity.error().code == ErrorCode::kNotFound) {
                  return on_identity(Refused(identity.error().message));
                }
                on_identity(std::move(identity));
              });
}

}  // namespace rollcall::jwt
