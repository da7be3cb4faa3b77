// The bearer token with which somebody logs in, a JWT as a rule, as it comes from a file: what an
// orchestrator writes for each of its jobs, and replaces before it expires. Whether it is any good
// is for the registry to say. Blocking, but never on a pipe; any thread.
// No error shows anything of the token.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "registry/base/result.h"

namespace rollcall {

// What the registry reads of one (registry/jwt/compact_jws.h).
inline constexpr size_t kMaxBearerTokenBytes = 16 * 1024;

// `text` without the blanks and line ends around it. kInvalidArgument, which begins with `where`,
// when nothing is left, for more than kMaxBearerTokenBytes, and for other characters than those of
// base64url and dots, of which JWTs are.
Result<std::string> BearerTokenOf(std::string_view text, const std::string& where);

// The token in a regular file, links followed. Errors name the file; kIo and kPermissionDenied too.
Result<std::string> ReadBearerTokenFile(const std::string& file);

}  // namespace rollcall
