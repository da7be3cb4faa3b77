// Base64 with the usual alphabet and padding (RFC 4648 section 4). Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rollcall {

inline std::string EncodeBase64(std::string_view bytes) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k) {
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (size_t k = 0; k < 4; ++k) {
      const bool is_padding = i + k > bytes.size();
      text.push_back(is_padding ? '=' : kAlphabet[group >> (18 - 6 * k) & 63]);
    }
  }
  return text;
}

}  // namespace rollcall
