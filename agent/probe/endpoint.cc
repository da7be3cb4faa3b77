#include "agent/probe/endpoint.h"

#include <algorithm>
#include <charconv>

#include "registry/base/ascii.h"

namespace rollcall::probe {
namespace {

Error Invalid(std::string_view what, std::string_view text) {
  return InvalidArgument(std::string(what) + " \"" + std::string(text) + "\"");
}

bool ParsePort(std::string_view text, uint16_t* port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *port);
  return error == std::errc() && end == text.data() + text.size() && *port != 0;
}

// Splits "host", "host:port" and "[v6]:port"; `port` stays as it is where none is written.
bool SplitHostPort(std::string_view text, HostPort* out) {
  size_t colon = std::string_view::npos;
  if (text.starts_with('[')) {
    const size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) return false;
    out->host = text.substr(1, bracket - 1);
    if (bracket + 1 < text.size()) {
      if (text[bracket + 1] != ':') return false;
      colon = bracket + 1;
    }
  } else {
    colon = text.find(':');
    if (colon != text.rfind(':')) return false;  // an IPv6 address needs its brackets
    out->host = text.substr(0, colon);
  }
  if (out->host.empty()) return false;
  return colon == std::string_view::npos || ParsePort(text.substr(colon + 1), &out->port);
}

bool IsLetter(char c) {
  c = AsciiLower(c);
  return c >= 'a' && c <= 'z';
}

// Bytes that would end the request line or a header early.
bool HasControlOrSpace(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; });
}

// The length of "scheme:" at the start, 0 where there is none (RFC 3986, section 3.1).
size_t SchemeLength(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos || !IsLetter(text[0])) return 0;
  const std::string_view scheme = text.substr(0, colon);
  const bool is_scheme = std::all_of(scheme.begin(), scheme.end(), [](char c) {
    return IsLetter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  });
  return is_scheme ? colon + 1 : 0;
}

// "/a/./b/../c" becomes "/a/c" (RFC 3986, section 5.2.4). `path` begins with '/'.
std::string WithoutDotSegments(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const size_t next = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(0, next);
    path.remove_prefix(next);
    const bool is_up = segment == "/..";
    if (is_up) out.resize(out.empty() ? 0 : out.rfind('/'));
    if (!is_up && segment != "/.") {
      out += segment;
    } else if (path.empty()) {
      out += '/';
    }
  }
  return out;
}

}  // namespace

Result<HostPort> ParseHostPort(std::string_view text) {
  HostPort out;
  if (!SplitHostPort(text, &out) || out.port == 0 || HasControlOrSpace(text)) {
    return Invalid("expected HOST:PORT, found", text);
  }
  return out;
}

std::optional<boost::asio::ip::tcp::resolver::results_type> EndpointOf(const HostPort& where) {
  using boost::asio::ip::tcp;
  boost::system::error_code not_an_address;
  const auto address = boost::asio::ip::make_address(where.host, not_an_address);
  if (not_an_address) return std::nullopt;
  return tcp::resolver::results_type::create(tcp::endpoint(address, where.port), where.host,
                                             std::to_string(where.port));
}

Result<HttpUrl> ParseHttpUrl(std::string_view text) {
  HttpUrl url;
  std::string_view rest = text;
  const size_t scheme_end = text.find("://");
  const std::string_view scheme =
      scheme_end == std::string_view::npos ? std::string_view() : text.substr(0, scheme_end);
  if (EqualsIgnoreCase(scheme, "https")) {
    url.tls = true;
  } else if (!EqualsIgnoreCase(scheme, "http")) {
    return Invalid("expected an http or https URL, found", text);
  }
  rest.remove_prefix(scheme_end + 3);
  rest = rest.substr(0, rest.find('#'));
  const size_t authority_end = rest.find_first_of("/?");
  const std::string_view authority = rest.substr(0, authority_end);
  url.origin.port = url.tls ? 443 : 80;
  if (authority.find('@') != std::string_view::npos) {
    return Invalid("user information is not supported in the URL", text);
  }
  if (HasControlOrSpace(text) || !SplitHostPort(authority, &url.origin)) {
    return Invalid("cannot read the URL", text);
  }
  url.host_header = authority;
  if (authority_end != std::string_view::npos) url.target = rest.substr(authority_end);
  if (!url.target.starts_with('/')) url.target.insert(0, "/");
  return url;
}

std::string ToString(const HttpUrl& url) {
  return (url.tls ? "https://" : "http://") + url.host_header + url.target;
}

bool HasAuthority(std::string_view reference) {
  return reference.substr(SchemeLength(reference)).starts_with("//");
}

Result<HttpUrl> ResolveReference(const HttpUrl& base, std::string_view reference) {
  if (SchemeLength(reference) > 0) return ParseHttpUrl(reference);
  const std::string_view scheme = base.tls ? "https:" : "http:";
  if (HasAuthority(reference)) return ParseHttpUrl(std::string(scheme) + std::string(reference));
  if (HasControlOrSpace(reference)) return Invalid("cannot read the URL", reference);
  HttpUrl url = base;
  reference = reference.substr(0, reference.find('#'));
  const std::string_view base_path = std::string_view(base.target).substr(0, base.target.find('?'));
  const size_t path_size = std::min(reference.find('?'), reference.size());
  const std::string_view path = reference.substr(0, path_size);
  const std::string_view query = reference.substr(path_size);
  if (reference.empty()) return url;
  if (path.empty()) {
    url.target = base_path;
  } else if (path.starts_with('/')) {
    url.target = WithoutDotSegments(path);
  } else {
    const std::string_view folder = base_path.substr(0, base_path.rfind('/') + 1);
    url.target = WithoutDotSegments(std::string(folder) + std::string(path));
  }
  url.target += query;
  return url;
}

}  // namespace rollcall::probe
