// Authenticator: one auth method's answer to a token: whose it is, or why it is refused. Immutable
// beside its source of keys: any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "registry/base/result.h"
#include "registry/base/rfc3339.h"
#include "registry/jwt/claims.h"
#include "registry/jwt/compact_jws.h"
#include "registry/jwt/key_source.h"
#include "registry/jwt/method_config.h"
#include "registry/jwt/variables.h"

namespace rollcall::jwt {

// Who has logged in.
struct Identity {
  std::string issuer;  // iss and sub, for the log: printable, cut off; empty: not said
  std::string subject;
  Variables variables;
  TokenLife life;
};

// kPermissionDenied: the token is not good, and why: for the log, and not for who has sent it.
// kUnavailable: the keys to verify it with could not be had.
using OnIdentity = std::function<void(Result<Identity>)>;

// What is left to do when the keys are there. kNotFound as VerifiedClaims has it.
Result<Identity> IdentityOf(const CompactJws& token, const KeySet& keys, const MethodConfig& config,
                            UtcTime now);

class Authenticator {
 public:
  // Precondition: CheckMethodConfig(config).
  Authenticator(MethodConfig config, std::shared_ptr<KeySource> keys);

  // Calls back exactly once, on the thread that KeySource::Find calls back on. A token that is
  // refused for its form alone is refused at once. The callback outlives this object if need be.
  void Authenticate(std::string_view token, UtcTime now, OnIdentity on_identity) const;

  const MethodConfig& config() const { return *config_; }

 private:
  const std::shared_ptr<const MethodConfig> config_;
  const std::shared_ptr<KeySource> keys_;
};

}  // namespace rollcall::jwt
