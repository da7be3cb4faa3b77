// The text of a policy's rules to Rules, in either of Consul's forms. docs/acl-rules.md describes
// the language. Without state: any thread.
//
//   rules  = (rule / scalar)*
//   rule   = subject name "{" "policy" "=" access ("intentions" "=" access)? "}"
//   scalar = ("acl" / "keyring" / "operator") "=" access
// What surrounds that is HCL 1 (hcl_parser.h), or JSON when the text begins with a brace.
#pragma once

#include <cstddef>
#include <string_view>

#include "registry/acl/rules.h"
#include "registry/base/result.h"

namespace rollcall::acl {

// Bytes of one policy's text.
constexpr size_t kMaxRulesSize = 64 * 1024;

// The rules in the order of the text; none for an empty text. As in Consul the words of the
// language are read without regard to case, an empty access of a scalar or of `intentions` says
// nothing, and a name may occur in several rules. kInvalidArgument, with "line L, column C: " and
// the reason, for all that is not understood. Consul skips resources and keys that it does not
// know; a denial with a slip in its name denies nothing. `max_size`: of another text than a
// client's.
Result<Rules> ParseRules(std::string_view text, size_t max_size = kMaxRulesSize);

}  // namespace rollcall::acl
