// What the benchmarks' programs share.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace rollcall::bench {

// Nothing unless `text` is a whole number from `min` to `max`.
inline std::optional<size_t> ParseNumber(std::string_view text, size_t min, size_t max) {
  size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (number < min || number > max) return std::nullopt;
  return number;
}

// 127.0.0.`last_octet`, or further on for more than 255.
inline sockaddr_in Loopback(uint32_t last_octet, uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl((INADDR_LOOPBACK & 0xffffff00) + last_octet);
  return address;
}

}  // namespace rollcall::bench
