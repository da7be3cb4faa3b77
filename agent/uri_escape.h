// Any thread.
#pragma once

#include <string>

namespace rollcall::agent {

// Escapes everything but unreserved characters (RFC 3986, section 2.3).
std::string EscapePathSegment(const std::string& text);

}  // namespace rollcall::agent
