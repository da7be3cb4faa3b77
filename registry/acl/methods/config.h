// The settings of an auth method, out of its `Config`. Without state: any thread.
// Source: Consul 1.8, agent/consul/authmethod/ssoauth and its documentation of the JWT method.
#pragma once

#include <string>

#include "registry/base/result.h"
#include "registry/jwt/method_config.h"

namespace rollcall::acl {

// Of a method of type "jwt". The case of members' names does not matter, durations are Go's ("60s")
// or numbers of nanoseconds, a list of one text may be that text, and JWKS may be an object or its
// text. kInvalidArgument, as CheckMethodConfig too, for settings that contradict each other, are of
// the wrong type or unknown, those of OIDC among them.
Result<jwt::MethodConfig> ParseJwtConfig(const std::string& config);

}  // namespace rollcall::acl
