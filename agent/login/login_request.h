// What the agent asks the registry for a token of its own with, and what it is answered. Plain
// values and pure functions: any thread.
// Source: Consul 1.8, its HTTP API documentation of /v1/acl/login and /v1/acl/logout.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "agent/front/upstream_request.h"
#include "registry/base/result.h"

namespace rollcall::login {

// Of configuration files: acl.login.
struct LoginOptions {
  std::string auth_method;
  std::string bearer_token_file;            // with a JWT, read anew at each login
  std::map<std::string, std::string> meta;  // what the token says of itself
  bool operator==(const LoginOptions&) const = default;
};

front::UpstreamRequest LoginRequest(const LoginOptions& options, const std::string& bearer_token);
// Of the token with that secret.
front::UpstreamRequest LogoutRequest(const std::string& secret);

struct LoginToken {
  std::string secret;
  std::string accessor_id;
  std::string expires;  // as the registry writes it, for people; empty: never
  // How long it is good, by the registry's clock alone; none: for ever.
  std::optional<std::chrono::milliseconds> life;
};

// kCorruption for what is no token that can be used. No error shows anything of the answer.
Result<LoginToken> ReadLoginAnswer(std::string_view body);

}  // namespace rollcall::login
