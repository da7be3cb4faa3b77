// Tokens, policies and roles as /v1/acl shows them, members in Consul's order. Without state: any
// thread.
// Source: Consul 1.8, agent/structs/acl.go and its HTTP API documentation.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "registry/acl/objects/objects.h"
#include "registry/base/index.h"
#include "registry/model/records.h"

namespace rollcall::acl {

struct Indexes {
  Index create;
  Index modify;
};

// The present name of a policy or role; nothing when it is gone.
using NameOfObject = std::function<std::optional<std::string>(model::AclKind, std::string_view id)>;

// Of one token. `secret`: as it was presented or has just been made; nothing shows "<hidden>", for
// it is kept nowhere, and of the anonymous token "anonymous". Links to what is gone are left out,
// as in Consul.
nlohmann::ordered_json TokenJson(const Token& token, std::optional<std::string_view> secret,
                                 const Indexes& indexes, const NameOfObject& name_of);
// An element of /v1/acl/tokens: without the secret.
nlohmann::ordered_json TokenListedJson(const Token& token, const Indexes& indexes,
                                       const NameOfObject& name_of);

nlohmann::ordered_json PolicyJson(const Policy& policy, const Indexes& indexes);
// An element of /v1/acl/policies: without the rules; Datacenters is null when there are none.
nlohmann::ordered_json PolicyListedJson(const Policy& policy, const Indexes& indexes);

// Of one role, and an element of /v1/acl/roles.
nlohmann::ordered_json RoleJson(const Role& role, const Indexes& indexes,
                                const NameOfObject& name_of);

}  // namespace rollcall::acl
