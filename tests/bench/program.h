// What the benchmarks' programs share.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace rollcall::bench {

// Nothing unless `text` is a whole number from `min` to `max`.
inline std::optional<size_t> ParseNumber(std::string_view text, size_t min, size_t max) {
  size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (number < min || number > max) return std::nullopt;
  return number;
}

// As in "8500,8501"; nothing when one of them is none.
inline std::vector<uint16_t> ParsePorts(std::string_view text) {
  std::vector<uint16_t> ports;
  while (!text.empty()) {
    const size_t end = std::min(text.find(','), text.size());
    const auto port = ParseNumber(text.substr(0, end), 1, 65535);
    if (!port) return {};
    ports.push_back(static_cast<uint16_t>(*port));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return ports;
}

// 127.0.0.`last_octet`, or further on for more than 255.
inline sockaddr_in Loopback(uint32_t last_octet, uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl((INADDR_LOOPBACK & 0xffffff00) + last_octet);
  return address;
}

inline double Seconds(std::chrono::steady_clock::duration time) {
  return std::chrono::duration<double>(time).count();
}

// The value that so many of a hundred stay within. Sorts them; there must be one.
inline double Percentile(std::vector<double>* values, size_t percent) {
  std::sort(values->begin(), values->end());
  return (*values)[(values->size() * percent + 99) / 100 - 1];
}

// Two different ones of `count`, which is 2 at least; every such pair has its turn, in both orders.
inline std::pair<size_t, size_t> PairOf(size_t turn, size_t count) {
  const size_t first = turn % count;
  return {first, (first + 1 + turn / count % (count - 1)) % count};
}

}  // namespace rollcall::bench
