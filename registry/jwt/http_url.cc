#include "registry/jwt/http_url.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "registry/base/ascii.h"
#include "registry/jwt/shown.h"

namespace rollcall::jwt {
namespace {

Error BadUrl(std::string_view text, std::string_view why) {
  return InvalidArgument("cannot use the URL " + Shown(text) + ": " + std::string(why));
}

// Bytes that would end the request's first line or a header early.
bool HasBlankOrControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; });
}

bool ReadPort(std::string_view text, uint16_t* port) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, *port);
  return error == std::errc() && stop == end && *port != 0;
}

// "host", "host:port", "[v6]", "[v6]:port".
bool ReadAuthority(std::string_view text, HttpUrl* url) {
  size_t end_of_host = text.find(':');
  if (text.starts_with('[')) {
    const size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) return false;
    url->host = text.substr(1, bracket - 1);
    end_of_host = bracket + 1;
  } else {
    url->host = text.substr(0, end_of_host);
  }
  if (url->host.empty()) return false;
  if (end_of_host >= text.size()) return true;
  return text[end_of_host] == ':' && ReadPort(text.substr(end_of_host + 1), &url->port);
}

}  // namespace

Result<HttpUrl> ParseHttpUrl(std::string_view text) {
  constexpr std::string_view kSeparator = "://";
  const size_t end_of_scheme = text.find(kSeparator);
  const std::string_view scheme =
      end_of_scheme == std::string_view::npos ? std::string_view() : text.substr(0, end_of_scheme);
  HttpUrl url;
  url.tls = EqualsIgnoreCase(scheme, "https");
  if (!url.tls && !EqualsIgnoreCase(scheme, "http")) {
    return BadUrl(text, "it begins with neither https:// nor http://");
  }
  if (HasBlankOrControl(text)) return BadUrl(text, "it has blanks in it");
  std::string_view rest = text.substr(end_of_scheme + kSeparator.size());
  rest = rest.substr(0, rest.find('#'));
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  if (authority.find('@') != std::string_view::npos) {
    return BadUrl(text, "it has user information in it");
  }
  url.port = url.tls ? 443 : 80;
  if (!ReadAuthority(authority, &url)) return BadUrl(text, "it names no host and port");
  url.host_header = authority;
  url.target = rest.substr(authority.size());
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  return url;
}

}  // namespace rollcall::jwt
