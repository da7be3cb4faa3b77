// One key of a JWKS. Without state: any thread.
// Source: RFC 7517 section 4, RFC 7518 section 6, RFC 8037 section 2.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "registry/base/result.h"
#include "registry/jwt/key_set.h"

namespace rollcall::jwt {

// kInvalidArgument with the reason why it cannot be used here.
Result<Key> ParseJwk(const nlohmann::json& jwk);

}  // namespace rollcall::jwt
