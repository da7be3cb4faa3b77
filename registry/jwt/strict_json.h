// JSON of strangers: of tokens and of key sets. Without state: any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "registry/base/result.h"

namespace rollcall::jwt {

// Levels of objects and arrays. Claims of issuers in the field have three or four.
inline constexpr int kMaxJsonDepth = 16;

// The object that `text` is. kInvalidArgument for what is none, for nesting beyond kMaxJsonDepth,
// and for an object that names a member twice, of which two readers could take different ones
// (RFC 7515 section 4, RFC 7517 section 4, RFC 7519 section 4). Nothing is built of a text that is
// refused for these, and no recursion is in it. How large a text may be is for callers to say.
// `what`: "the token's header", for the errors.
Result<nlohmann::json> ParseStrictObject(std::string_view text, std::string_view what);

}  // namespace rollcall::jwt
