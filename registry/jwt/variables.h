// Variables: what binding rules may ask of a login, taken out of verified claims. Plain values: any
// thread.
// Source: Consul 1.8, internal/go-sso/oidcauth (oidcjwt.go) and its documentation of ClaimMappings.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "registry/base/result.h"
#include "registry/jwt/method_config.h"

namespace rollcall::jwt {

// Each name that is mapped to is there: empty where the token has no such claim.
struct Variables {
  std::map<std::string, std::string> values;              // value.NAME
  std::map<std::string, std::vector<std::string>> lists;  // list.NAME
  friend bool operator==(const Variables&, const Variables&) = default;
};

// A claim is named by a JSON pointer where the name begins with "/", otherwise by its own name at
// the top. Numbers and booleans are taken as text, fractions of numbers dropped; a list may be
// written as its only element, and empty elements of one are left out.
// kPermissionDenied, with the claim, for one that is of another type.
Result<Variables> MapClaims(const nlohmann::json& claims, const MethodConfig& config);

// Those that any login has, all empty: what a binding rule is checked with.
Variables EmptyVariables(const MethodConfig& config);

}  // namespace rollcall::jwt
