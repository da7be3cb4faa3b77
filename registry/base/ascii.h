// ASCII case folding. Names in the catalog and in DNS compare without regard to ASCII case
// (RFC 4343 for DNS; Consul does the same for nodes, services and tags) and never by locale.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace rollcall {

constexpr char AsciiLower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Eight characters at once. Those above 127 stay as they are.
constexpr uint64_t AsciiLowerEight(uint64_t eight) {
  constexpr uint64_t kEach = 0x0101010101010101;
  // The high bit of each octet tells whether its low seven bits are 'A' or above, above 'Z'.
  const uint64_t low_bits = eight & kEach * 0x7f;
  const uint64_t from_a = low_bits + kEach * (0x80 - 'A');
  const uint64_t above_z = low_bits + kEach * (0x80 - 'Z' - 1);
  const uint64_t is_upper = from_a & ~above_z & ~eight & kEach * 0x80;
  return eight | is_upper >> 2;  // 0x20 is between 'A' and 'a'
}

// Writes as many characters as `text` has to `to`.
inline void AsciiLower(std::string_view text, char* to) {
  size_t at = 0;
  for (; at + sizeof(uint64_t) <= text.size(); at += sizeof(uint64_t)) {
    uint64_t eight;
    std::memcpy(&eight, text.data() + at, sizeof eight);
    eight = AsciiLowerEight(eight);
    std::memcpy(to + at, &eight, sizeof eight);
  }
  for (; at < text.size(); ++at) to[at] = AsciiLower(text[at]);
}

// Whether AsciiLower would change anything.
inline bool HasAsciiUpper(std::string_view text) {
  const auto has_upper = [&text](size_t at) {
    uint64_t eight;
    std::memcpy(&eight, text.data() + at, sizeof eight);
    return AsciiLowerEight(eight) != eight;
  };
  if (text.size() < sizeof(uint64_t)) {
    return std::any_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  }
  for (size_t at = 0; at + sizeof(uint64_t) < text.size(); at += sizeof(uint64_t)) {
    if (has_upper(at)) return true;
  }
  return has_upper(text.size() - sizeof(uint64_t));
}

inline std::string AsciiLower(std::string_view text) {
  std::string lower(text.size(), '\0');
  AsciiLower(text, lower.data());
  return lower;
}

constexpr bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  if (a == b) return true;
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return AsciiLower(x) == AsciiLower(y); });
}

// Whether `text` in lower case is `lower`.
inline bool IsAsciiLowerOf(std::string_view lower, std::string_view text) {
  if (lower.size() != text.size()) return false;
  size_t at = 0;
  for (; at + sizeof(uint64_t) <= text.size(); at += sizeof(uint64_t)) {
    uint64_t as_it_is;
    uint64_t lowered;
    std::memcpy(&as_it_is, text.data() + at, sizeof as_it_is);
    std::memcpy(&lowered, lower.data() + at, sizeof lowered);
    if (AsciiLowerEight(as_it_is) != lowered) return false;
  }
  for (; at < text.size(); ++at) {
    if (AsciiLower(text[at]) != lower[at]) return false;
  }
  return true;
}

// <0, 0 or >0, as memcmp of the lower-cased texts.
inline int CompareIgnoreCase(std::string_view a, std::string_view b) {
  const size_t n = std::min(a.size(), b.size());
  size_t i = 0;
  for (; i + sizeof(uint64_t) <= n; i += sizeof(uint64_t)) {
    uint64_t x, y;
    std::memcpy(&x, a.data() + i, sizeof x);
    std::memcpy(&y, b.data() + i, sizeof y);
    if (x != y && AsciiLowerEight(x) != AsciiLowerEight(y)) break;
  }
  for (; i < n; ++i) {
    const auto x = static_cast<unsigned char>(AsciiLower(a[i]));
    const auto y = static_cast<unsigned char>(AsciiLower(b[i]));
    if (x != y) return x < y ? -1 : 1;
  }
  return a.size() == b.size() ? 0 : a.size() < b.size() ? -1 : 1;
}

}  // namespace rollcall
