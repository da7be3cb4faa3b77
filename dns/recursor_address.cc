#include "dns/recursor_address.h"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <optional>

namespace rollcall::dns {

namespace {

Error BadRecursor(std::string_view text, std::string_view why) {
  return InvalidArgument("bad recursor \"" + std::string(text) + "\": " + std::string(why) +
                         "; write it as 192.0.2.1, 192.0.2.1:5353 or [2001:db8::1]:5353");
}

bool ParsePort(std::string_view text, uint16_t* port) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, *port);
  return error == std::errc() && stop == end && *port != 0;
}

}  // namespace

Result<RecursorAddress> RecursorAddress::Parse(std::string_view text) {
  std::string_view host = text;
  std::optional<std::string_view> port;
  if (text.starts_with('[')) {
    const size_t close = text.find(']');
    if (close == std::string_view::npos) return BadRecursor(text, "the ] is missing");
    host = text.substr(1, close - 1);
    if (const std::string_view rest = text.substr(close + 1); rest.starts_with(':')) {
      port = rest.substr(1);
    } else if (!rest.empty()) {
      return BadRecursor(text, "behind the ] belongs a port");
    }
  } else if (const size_t colon = text.find(':');
             colon != std::string_view::npos && colon == text.rfind(':')) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  RecursorAddress recursor;
  const std::optional<IpAddress> address = ParseIpAddress(host);
  if (!address || (text.starts_with('[') && !std::holds_alternative<Ipv6>(*address))) {
    return BadRecursor(text, "it has no IP address");
  }
  recursor.address = *address;
  if (port && !ParsePort(*port, &recursor.port)) {
    return BadRecursor(text, "the port is no number from 1 to 65535");
  }
  return recursor;
}

std::string RecursorAddress::ToText() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const Ipv4* const v4 = std::get_if<Ipv4>(&address);
  if (v4 != nullptr) {
    inet_ntop(AF_INET, v4->data(), text.data(), text.size());
  } else {
    inet_ntop(AF_INET6, std::get<Ipv6>(address).data(), text.data(), text.size());
  }
  const std::string host = text.data();
  return (v4 != nullptr ? host : "[" + host + "]") + ":" + std::to_string(port);
}

}  // namespace rollcall::dns
