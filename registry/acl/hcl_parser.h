// HCL 1 to objects and values, as far as rules are written in it. Without state: any thread.
//
//   body  = (item ","?)*
//   item  = key "=" value / key name? "{" body "}"
//   value = string / "{" body "}"
//   key, name = identifier / string
// `service "web" { ... }` says the same as `service { web = { ... } }`, and becomes that.
// Source: hashicorp/hcl 1.0.0, hcl/parser, and decoder.go as Consul uses it.
#pragma once

#include <string_view>

#include "registry/acl/syntax.h"
#include "registry/base/result.h"

namespace rollcall::acl {

// An object. `text` is well-formed UTF-8.
Result<SyntaxValue> ParseHcl(std::string_view text);

}  // namespace rollcall::acl
