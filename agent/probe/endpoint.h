// Where a check knocks: the "host:port" of a TCP check, the URL of an HTTP check. Plain values.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "registry/base/result.h"

namespace rollcall::probe {

struct HostPort {
  std::string host;  // a name or an IP address, without brackets
  uint16_t port = 0;
};

// "127.0.0.1:80", "db.example:5432", "[::1]:80". kInvalidArgument names what is wrong.
Result<HostPort> ParseHostPort(std::string_view text);

// Where it is, when the host is an IP address and no name has to be looked up.
std::optional<boost::asio::ip::tcp::resolver::results_type> EndpointOf(const HostPort& where);

struct HttpUrl {
  bool tls = false;
  HostPort origin;
  std::string host_header;  // as written, with the port unless it is the scheme's own
  std::string target;       // path and query, at least "/"
};

// http and https URLs (RFC 3986, without user information; a fragment is dropped).
Result<HttpUrl> ParseHttpUrl(std::string_view text);

// As ParseHttpUrl would read it.
std::string ToString(const HttpUrl& url);

// Where `reference` leads from `base`, as the Location of an answer does (RFC 3986, section 5.2): a
// whole URL, "//host/path", "/path", "?query" or "path". kInvalidArgument as ParseHttpUrl.
Result<HttpUrl> ResolveReference(const HttpUrl& base, std::string_view reference);

// Whether `reference` names a host of its own.
bool HasAuthority(std::string_view reference);

}  // namespace rollcall::probe
