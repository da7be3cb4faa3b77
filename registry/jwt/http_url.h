// HttpUrl: where a key set is fetched from. Plain values: any thread.
// Source: RFC 3986 section 3, of which an http or https URL without user information is taken.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "registry/base/result.h"

namespace rollcall::jwt {

struct HttpUrl {
  bool tls = false;
  std::string host;  // without the brackets of an IPv6 address
  uint16_t port = 0;
  std::string host_header;  // as it was written: "[::1]:8080"
  std::string target;       // path and query, at least "/"
};

// kInvalidArgument for other schemes ("file", "ftp"), for user information, blanks and control
// characters.
Result<HttpUrl> ParseHttpUrl(std::string_view text);

}  // namespace rollcall::jwt
