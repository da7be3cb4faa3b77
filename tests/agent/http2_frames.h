// The bytes of HTTP/2 (RFC 9113) and of HPACK (RFC 7541), right or wrong, for servers that must
// misbehave.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace rollcall::test {

enum FrameType : uint8_t {
  kData = 0,
  kHeaders = 1,
  kRstStream = 3,
  kSettings = 4,
  kPushPromise = 5,
  kPing = 6,
  kGoAway = 7,
  kContinuation = 9,
  kUnheardOf = 0x20,
};
inline constexpr uint8_t kEndStream = 1;  // of DATA and HEADERS
inline constexpr uint8_t kAck = 1;        // of SETTINGS and PING
inline constexpr uint8_t kEndHeaders = 4;

inline std::string BigEndian32(uint32_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>((value >> shift) & 0xff);
  return out;
}

// Section 4.1.
inline std::string Frame(FrameType type, uint8_t flags, uint32_t stream,
                         const std::string& payload = "") {
  std::string out = BigEndian32(static_cast<uint32_t>(payload.size())).substr(1);
  out += static_cast<char>(type);
  out += static_cast<char>(flags);
  return out + BigEndian32(stream) + payload;
}

// HPACK section 5.2, without Huffman's code.
inline std::string HpackText(const std::string& text) {
  std::string out;
  size_t rest = text.size();
  if (rest < 127) {
    out += static_cast<char>(rest);
  } else {
    out += '\x7f';
    for (rest -= 127; rest >= 128; rest /= 128) out += static_cast<char>(rest % 128 + 128);
    out += static_cast<char>(rest);
  }
  return out + text;
}

using HeaderList = std::vector<std::pair<std::string, std::string>>;

// HPACK section 6.2.2: literals without indexing.
inline std::string HeaderBlock(const HeaderList& headers) {
  std::string out;
  for (const auto& [name, value] : headers) {
    out += '\0';
    out += HpackText(name) + HpackText(value);
  }
  return out;
}

// How each answer begins.
inline std::string Settings() { return Frame(kSettings, 0, 0); }

// On the stream of the first request.
inline std::string Headers(const HeaderList& headers, uint8_t flags = 0) {
  return Frame(kHeaders, kEndHeaders | flags, 1, HeaderBlock(headers));
}

}  // namespace rollcall::test
