#include "registry/pki/dns_name.h"

#include <algorithm>

#include "registry/base/ip_address.h"

namespace rollcall::pki {
namespace {

constexpr size_t kMaxName = 253;
constexpr size_t kMaxLabel = 63;

bool IsOfName(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

Result<void> CheckLabel(std::string_view label) {
  if (label.empty()) return InvalidArgument("a label is empty: there is a dot too many");
  if (label.size() > kMaxLabel) return InvalidArgument("a label is longer than 63 characters");
  if (!std::all_of(label.begin(), label.end(), IsOfName)) {
    return InvalidArgument(
        "expected a DNS name of letters, digits, -, _ and dots (others in their form xn--...)");
  }
  if (label.front() == '-' || label.back() == '-') {
    return InvalidArgument("a label begins or ends with -");
  }
  return {};
}

}  // namespace

Result<DnsName> DnsName::Parse(std::string_view text, Wildcard wildcard) {
  if (text.empty()) return InvalidArgument("it is empty; expected a DNS name");
  if (text.size() > kMaxName) return InvalidArgument("longer than the 253 characters of DNS");
  if (ParseIpAddress(text)) return InvalidArgument("expected a DNS name, not an IP address");
  std::string_view rest = text;
  if (rest.front() == '*') {
    if (wildcard == Wildcard::kRefused) return InvalidArgument("no wildcard is possible here");
    if (!rest.starts_with("*.") || rest.find('.', 2) == std::string_view::npos) {
      return InvalidArgument(
          "a wildcard is the whole first label, and two more follow, as in *.web.example");
    }
    rest.remove_prefix(2);
  }
  while (true) {
    const size_t dot = std::min(rest.find('.'), rest.size());
    if (Result<void> ok = CheckLabel(rest.substr(0, dot)); !ok) return ok.error();
    if (dot == rest.size()) return DnsName(text);
    rest.remove_prefix(dot + 1);
  }
}

}  // namespace rollcall::pki
