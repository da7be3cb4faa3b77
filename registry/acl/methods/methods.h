// What auth methods and binding rules say: who is asked whether somebody is who he says, and what
// he gets then. Plain values: any thread may use its own. How the catalog keeps them is in
// stored.h, how the API shows them in answers.h. Source: Consul 1.8, agent/structs/acl.go and its
// HTTP API documentation of /v1/acl/auth-method and /v1/acl/binding-rule.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace rollcall::acl {

// The one type of method that there is.
inline constexpr std::string_view kJwtMethod = "jwt";

// Is its name, without regard to case.
struct AuthMethod {
  std::string name;
  std::string type;
  std::string display_name;
  std::string description;
  std::chrono::nanoseconds max_token_ttl{0};  // 0: as long as the proof is good
  std::string token_locality;                 // "local", "global", or empty: local
  // A JSON object, its members sorted by name, otherwise as its author has written it: what its
  // type makes of it is in config.h.
  std::string config = "{}";
  friend bool operator==(const AuthMethod&, const AuthMethod&) = default;
};

enum class BindType : uint8_t { kService, kNode, kRole };

// "service", "node", "role".
std::string_view ToString(BindType type);
// False when `text` names no type; `*type` is then as it was.
bool ParseBindType(std::string_view text, BindType* type);

// Is its ID, a UUID in lower case.
struct BindingRule {
  std::string id;
  std::string description;
  std::string auth_method;  // its name
  std::string selector;     // whom it is for, in the filter language; empty: everybody
  BindType bind_type = BindType::kService;
  std::string bind_name;  // with variables in it (bind_name.h)
  friend bool operator==(const BindingRule&, const BindingRule&) = default;
};

}  // namespace rollcall::acl
