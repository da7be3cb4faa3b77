#include "cli/http_address.h"

#include <charconv>

namespace rollcall::cli {
namespace {

Error BadAddress(std::string_view text, std::string_view why) {
  return InvalidArgument("bad address \"" + std::string(text) + "\": " + std::string(why) +
                         "; write it as 127.0.0.1:8500 or http://registry:8500");
}

bool ParsePort(std::string_view text, int* port) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, *port);
  return error == std::errc() && stop == end && *port > 0 && *port <= 65535;
}

}  // namespace

std::string HttpAddress::Url() const {
  const bool ipv6 = host.find(':') != std::string::npos;
  return scheme + "://" + (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<HttpAddress> ParseHttpAddress(std::string_view text) {
  HttpAddress address;
  std::string_view rest = text;
  if (const size_t colon = rest.find("://"); colon != std::string_view::npos) {
    address.scheme = rest.substr(0, colon);
    if (address.scheme == "unix") return BadAddress(text, "no unix sockets are served");
    if (address.scheme != "http" && address.scheme != "https") {
      return BadAddress(text, "only http and https are spoken");
    }
    rest.remove_prefix(colon + 3);
  }
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.empty()) return BadAddress(text, "it names no host");
  if (rest.find_first_of("/?#@ ") != std::string_view::npos) {
    return BadAddress(text, "only a host and a port belong in it");
  }

  std::string_view port;
  if (rest.starts_with('[')) {
    const size_t close = rest.find(']');
    if (close == std::string_view::npos) return BadAddress(text, "the ] is missing");
    address.host = rest.substr(1, close - 1);
    port = rest.substr(close + 1);
  } else {
    const size_t colon = rest.find(':');
    if (colon != rest.rfind(':')) return BadAddress(text, "an IPv6 address needs brackets");
    address.host = rest.substr(0, colon);
    if (colon != std::string_view::npos) port = rest.substr(colon);
  }
  if (address.host.empty()) address.host = "127.0.0.1";
  if (!port.empty() && (!port.starts_with(':') || !ParsePort(port.substr(1), &address.port))) {
    return BadAddress(text, "the port is no number between 1 and 65535");
  }
  return address;
}

}  // namespace rollcall::cli
