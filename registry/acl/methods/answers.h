// Auth methods and binding rules as /v1/acl shows them, members in Consul's order. Without state:
// any thread.
// Source: Consul 1.8, agent/structs/acl.go (MarshalJSON) and its HTTP API documentation.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "registry/acl/methods/methods.h"
#include "registry/acl/objects/answers.h"

namespace rollcall::acl {

nlohmann::ordered_json AuthMethodJson(const AuthMethod& method, const Indexes& indexes);
// An element of /v1/acl/auth-methods: without its configuration.
nlohmann::ordered_json AuthMethodListedJson(const AuthMethod& method, const Indexes& indexes);

// Of one rule, and an element of /v1/acl/binding-rules.
nlohmann::ordered_json BindingRuleJson(const BindingRule& rule, const Indexes& indexes);

}  // namespace rollcall::acl
