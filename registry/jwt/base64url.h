// Base64url without padding (RFC 7515 section 2, RFC 4648 section 5). Any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rollcall::jwt {

// Strict: nothing for padding, blanks, other characters, a length that no bytes have, and bits at
// the end that are not zero. So one text of bytes has one form, and a token that is another text is
// another token.
std::optional<std::string> DecodeBase64Url(std::string_view text);

std::string EncodeBase64Url(std::string_view bytes);

}  // namespace rollcall::jwt
