#include "api/http/target.h"

#include "registry/base/ascii.h"

namespace rollcall::http {
namespace {

// The value of a hexadecimal digit, or -1.
int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = AsciiLower(c);
  if (lower >= 'a' && lower <= 'f') return lower - 'a' + 10;
  return -1;
}

bool HasValidEscapes(std::string_view text) {
  for (size_t i = text.find('%'); i != std::string_view::npos; i = text.find('%', i + 3)) {
    if (text.size() - i < 3 || HexDigit(text[i + 1]) < 0 || HexDigit(text[i + 2]) < 0) return false;
  }
  return true;
}

// What follows "scheme://authority" of the absolute form; an empty path means "/" (RFC 9110 section
// 4.2.3).
std::string_view AfterAuthority(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!EqualsIgnoreCase(target.substr(0, scheme.size()), scheme)) continue;
    const size_t end = target.find_first_of("/?", scheme.size());
    return end == std::string_view::npos ? std::string_view("/") : target.substr(end);
  }
  return target;
}

}  // namespace

Result<TargetParts> SplitTarget(std::string_view target) {
  if (!HasValidEscapes(target)) return InvalidArgument("invalid percent escape in the URL");
  const bool origin_form = target.starts_with('/');
  const std::string_view rest = origin_form ? target : AfterAuthority(target);
  const size_t mark = rest.find('?');
  TargetParts parts;
  parts.path = rest.substr(0, mark);
  if (mark != std::string_view::npos) parts.query = rest.substr(mark + 1);
  if (parts.path.empty() && !origin_form && rest.size() < target.size()) parts.path = "/";
  if (!parts.path.starts_with('/') && target != "*") {
    return InvalidArgument("the request target is neither a path nor an http URL");
  }
  return parts;
}

void AppendDecoded(std::string_view text, PlusSign plus, std::string& out) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      out.push_back(static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i] == '+' && plus == PlusSign::kSpace ? ' ' : text[i]);
    }
  }
}

}  // namespace rollcall::http
