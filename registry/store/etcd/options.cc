#include "registry/store/etcd/options.h"

#include <algorithm>
#include <charconv>

#include "registry/base/ip_address.h"
#include "registry/base/printable.h"

namespace rollcall::store {
namespace {

constexpr std::string_view kPlain = "etcd://";
constexpr std::string_view kSecure = "etcds://";
constexpr size_t kMaxHost = 253;  // octets of a name, as DNS has them
constexpr size_t kMaxPrefix = 256;
constexpr size_t kMaxEndpoints = 64;

bool IsLetterOrDigit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

Error Wrong(std::string_view part, std::string_view text, std::string_view reason) {
  return InvalidArgument("etcd URL: " + std::string(part) + " \"" +
                         Printable(text.substr(0, kMaxPrefix)) + "\": " + std::string(reason));
}

Result<uint16_t> ParsePort(std::string_view text) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) {
    return Wrong("port", text, "a number from 1 to 65535 is wanted");
  }
  return port;
}

bool IsHostName(std::string_view text) {
  return !text.empty() && text.size() <= kMaxHost &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return IsLetterOrDigit(c) || c == '-' || c == '.' || c == '_'; });
}

Result<EtcdEndpoint> ParseEndpoint(std::string_view text) {
  if (text.empty()) return InvalidArgument("etcd URL: an endpoint is empty; host[:port] is wanted");
  EtcdEndpoint endpoint;
  std::string_view rest;
  if (text.front() == '[') {
    const size_t end = text.find(']');
    if (end == std::string_view::npos) return Wrong("endpoint", text, "']' is missing");
    endpoint.host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
    const auto address = ParseIpAddress(endpoint.host);
    if (!address || !std::holds_alternative<Ipv6>(*address)) {
      return Wrong("endpoint", text, "between the brackets is no IPv6 address");
    }
  } else {
    const size_t colon = text.find(':');
    endpoint.host = text.substr(0, colon);
    rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon);
    if (rest.find(':', 1) != std::string_view::npos) {
      return Wrong("endpoint", text, "more than one ':'; an IPv6 address stands in brackets");
    }
    if (!IsHostName(endpoint.host)) return Wrong("endpoint", text, "not a host name or address");
  }
  if (rest.empty()) return endpoint;
  if (rest.front() != ':') return Wrong("endpoint", text, "':' is wanted after ']'");
  const auto port = ParsePort(rest.substr(1));
  if (!port) return port.error();
  endpoint.port = *port;
  return endpoint;
}

Result<std::vector<EtcdEndpoint>> ParseEndpoints(std::string_view text) {
  std::vector<EtcdEndpoint> endpoints;
  while (true) {
    const size_t comma = text.find(',');
    auto endpoint = ParseEndpoint(text.substr(0, comma));
    if (!endpoint) return std::move(endpoint).error();
    if (std::find(endpoints.begin(), endpoints.end(), *endpoint) != endpoints.end()) {
      return Wrong("endpoint", endpoint->Text(), "is there twice");
    }
    endpoints.push_back(std::move(*endpoint));
    if (endpoints.size() > kMaxEndpoints) return InvalidArgument("etcd URL: too many endpoints");
    if (comma == std::string_view::npos) return endpoints;
    text.remove_prefix(comma + 1);
  }
}

Result<std::string> ParseUser(std::string_view text) {
  if (text.find(':') != std::string_view::npos) {
    return InvalidArgument(
        "etcd URL: a password does not belong into it, where everybody on this machine can read it;"
        " put it into a file");
  }
  const bool printable = std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != 0x7f && c != '%';
  });
  if (text.empty() || !printable) return Wrong("user", text, "not a name");
  return std::string(text);
}

Result<std::string> ParsePrefix(std::string_view text) {
  const bool sound = std::all_of(text.begin(), text.end(), [](char c) {
    return IsLetterOrDigit(c) || std::string_view("-._~/").find(c) != std::string_view::npos;
  });
  if (!sound) return Wrong("prefix", text, "letters, digits and -._~/ are wanted");
  if (text.size() > kMaxPrefix) return Wrong("prefix", text, "longer than 256 characters");
  std::string prefix(text);
  if (prefix.back() != '/') prefix += '/';
  return prefix;
}

}  // namespace

std::string EtcdEndpoint::Text() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<EtcdOptions> ParseEtcdUrl(std::string_view url) {
  EtcdOptions options;
  if (url.starts_with(kSecure)) {
    options.tls.emplace();
    url.remove_prefix(kSecure.size());
  } else if (url.starts_with(kPlain)) {
    url.remove_prefix(kPlain.size());
  } else {
    return Wrong("scheme", url.substr(0, url.find("://")), "etcd:// or etcds:// is wanted");
  }

  const size_t slash = url.find('/');
  std::string_view authority = url.substr(0, slash);
  if (slash != std::string_view::npos && slash + 1 < url.size()) {
    auto prefix = ParsePrefix(url.substr(slash + 1));
    if (!prefix) return std::move(prefix).error();
    options.prefix = *std::move(prefix);
  }
  if (const size_t at = authority.rfind('@'); at != std::string_view::npos) {
    auto user = ParseUser(authority.substr(0, at));
    if (!user) return std::move(user).error();
    options.user = *std::move(user);
    authority.remove_prefix(at + 1);
  }
  auto endpoints = ParseEndpoints(authority);
  if (!endpoints) return std::move(endpoints).error();
  options.endpoints = *std::move(endpoints);
  return options;
}

}  // namespace rollcall::store
