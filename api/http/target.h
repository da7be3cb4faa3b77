// The request target (RFC 9112 section 3.2): where it splits and how its escapes are decoded.
// Pure functions over views of untrusted bytes; any thread.
#pragma once

#include <string>
#include <string_view>

#include "registry/base/result.h"

namespace rollcall::http {

struct TargetParts {
  std::string_view path;   // still escaped, begins with '/' or is "*"
  std::string_view query;  // still escaped, without the '?'
};

// Accepts the origin form ("/path?query"), the absolute form ("http://host/path?query", which
// section 3.2.2 obliges a server to take) and the asterisk form ("*"). kInvalidArgument for
// anything else, and for a '%' anywhere that is not followed by two hexadecimal digits.
Result<TargetParts> SplitTarget(std::string_view target);

// In a query a '+' is a space (as HTML forms and Consul's clients write it), in a path it is
// itself.
enum class PlusSign { kLiteral, kSpace };

// Appends `text` with its escapes decoded. Precondition: they are valid (SplitTarget has seen
// them).
void AppendDecoded(std::string_view text, PlusSign plus, std::string& out);

}  // namespace rollcall::http
