// Varints and length-prefixed strings: what every key and value on disk is made of.
// ByteReader checks each length before it uses it, so it may be given any bytes at all.
// Plain values; a reader does not own what it reads.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rollcall::store {

// Seven bits a byte, the least significant first; the high bit says that more follow.
inline void AppendVarint(std::string* out, uint64_t value) {
  while (value >= 0x80) {
    out->push_back(static_cast<char>((value & 0x7f) | 0x80));
    value >>= 7;
  }
  out->push_back(static_cast<char>(value));
}

inline void AppendString(std::string* out, std::string_view text) {
  AppendVarint(out, text.size());
  out->append(text);
}

// Small negative numbers stay short: 0, -1, 1, -2 become 0, 1, 2, 3.
constexpr uint64_t ZigZag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}
constexpr int64_t UnZigZag(uint64_t value) {
  return static_cast<int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  bool empty() const { return rest_.empty(); }

  // Each answers false, and leaves `*out` alone, when the bytes do not hold one.
  bool ReadByte(uint8_t* out) {
    if (rest_.empty()) return false;
    *out = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return true;
  }

  bool ReadVarint(uint64_t* out) {
    // Most take one byte.
    if (!rest_.empty() && static_cast<uint8_t>(rest_.front()) < 0x80) {
      *out = static_cast<uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      return true;
    }
    return ReadLongVarint(out);
  }

  // A view into the bytes that are being read.
  bool ReadString(std::string_view* out) {
    uint64_t size = 0;
    if (!ReadVarint(&size) || size > rest_.size()) return false;
    *out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }

 private:
  bool ReadLongVarint(uint64_t* out);

  std::string_view rest_;
};

}  // namespace rollcall::store
