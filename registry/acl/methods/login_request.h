// The body of POST /v1/acl/login. Plain values: any thread.
// Source: Consul 1.8, agent/acl_endpoint.go and agent/consul/acl_endpoint.go (Login).
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "registry/base/result.h"

namespace rollcall::acl {

// What a login may say of itself. It is kept with the token, in the memory of each server, and
// whoever has one good JWT logs in as often as he likes.
inline constexpr size_t kMaxLoginMeta = 64;
inline constexpr size_t kMaxLoginMetaKey = 128;
inline constexpr size_t kMaxLoginMetaValue = 512;
inline constexpr size_t kMaxLoginMetaBytes = 2048;  // all keys and values together

struct LoginRequest {
  std::string auth_method;
  std::string bearer_token;
  std::map<std::string, std::string> meta;
};

// kInvalidArgument: "Failed to decode request body: " and the reason, or that something is missing
// or too much.
Result<LoginRequest> ParseLoginRequest(std::string_view body);

// What the token of a login is described with: "token created via login", and its meta as JSON.
std::string LoginDescription(const LoginRequest& request);

}  // namespace rollcall::acl
