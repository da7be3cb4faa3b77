// OctetWriter: writes the octets of a message, front to back, into memory that somebody else owns.
// What does not fit is left out and told by overflowed(); nothing is ever written beyond the end.
// Allocates nothing, throws nothing. Any thread may use its own.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace rollcall::dns {

class OctetWriter {
 public:
  explicit OctetWriter(std::span<uint8_t> room) : room_(room) {}

  // How many octets have been written.
  size_t size() const { return at_; }
  size_t left() const { return room_.size() - at_; }
  bool overflowed() const { return overflowed_; }
  std::span<const uint8_t> written() const { return room_.first(at_); }

  void Put8(uint8_t value) { Put(std::array<uint8_t, 1>{value}); }
  // Numbers are in network order (RFC 1035 section 2.3.2).
  void Put16(uint16_t value) { Put(Octets16(value)); }
  void Put32(uint32_t value) {
    Put(std::array<uint8_t, 4>{static_cast<uint8_t>(value >> 24), static_cast<uint8_t>(value >> 16),
                               static_cast<uint8_t>(value >> 8), static_cast<uint8_t>(value)});
  }
  void Put(std::span<const uint8_t> octets) {
    if (octets.size() > left()) {
      overflowed_ = true;
      return;
    }
    if (!octets.empty()) std::memcpy(room_.data() + at_, octets.data(), octets.size());
    at_ += octets.size();
  }
  void Put(std::string_view octets) {
    Put(std::span(reinterpret_cast<const uint8_t*>(octets.data()), octets.size()));
  }

  // Writes over what has been written at `at`. Precondition: at + 2 <= size().
  void Set16(size_t at, uint16_t value) {
    const std::array<uint8_t, 2> octets = Octets16(value);
    std::copy(octets.begin(), octets.end(), room_.begin() + static_cast<std::ptrdiff_t>(at));
  }

 private:
  static std::array<uint8_t, 2> Octets16(uint16_t value) {
    return {static_cast<uint8_t>(value >> 8), static_cast<uint8_t>(value)};
  }

  std::span<uint8_t> room_;
  size_t at_ = 0;
  bool overflowed_ = false;
};

}  // namespace rollcall::dns
