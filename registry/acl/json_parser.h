// JSON to objects and values, with every key that is there, twice or not. Without state: any
// thread.
#pragma once

#include <string_view>

#include "registry/acl/syntax.h"
#include "registry/base/result.h"

namespace rollcall::acl {

// An object. `text` is well-formed UTF-8 that begins, blanks aside, with a brace.
Result<SyntaxValue> ParseJson(std::string_view text);

}  // namespace rollcall::acl
