// OctetWriter: writes the octets of a message, front to back, into memory that somebody else owns.
// What does not fit is left out and told by overflowed(); nothing is ever written beyond the end.
// Allocates nothing, throws nothing. Any thread may use its own.
#pragma once

#include <array>
#include <concepts>
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

  // Numbers are in network order (RFC 1035 section 2.3.2). Several at once have one check of the
  // room; all are written, or none.
  template <std::unsigned_integral... Numbers>
  void Put(Numbers... numbers) {
    constexpr size_t kSize = (sizeof(Numbers) + ...);
    if (kSize > left()) {
      overflowed_ = true;
      return;
    }
    uint8_t* at = room_.data() + at_;
    ((Store(numbers, at), at += sizeof(Numbers)), ...);
    at_ += kSize;
  }
  // Of a size that is known beforehand, which the compiler copies in place.
  template <size_t kSize>
  void Put(const std::array<uint8_t, kSize>& octets) {
    PutOctets(octets.data(), kSize);
  }
  void Put(std::span<const uint8_t> octets) { PutOctets(octets.data(), octets.size()); }
  void Put(std::string_view octets) { PutOctets(octets.data(), octets.size()); }

  // Writes over what has been written at `at`. Precondition: at + 2 <= size().
  void Set(size_t at, uint16_t value) { Store(value, room_.data() + at); }

 private:
  template <std::unsigned_integral Number>
  static void Store(Number number, uint8_t* to) {
    for (size_t i = sizeof number; i > 0; --i) {
      to[i - 1] = static_cast<uint8_t>(number);
      number = static_cast<Number>(uint64_t{number} >> 8);
    }
  }

  void PutOctets(const void* octets, size_t size) {
    if (size > left()) {
      overflowed_ = true;
      return;
    }
    if (size > 0) std::memcpy(room_.data() + at_, octets, size);
    at_ += size;
  }

  std::span<uint8_t> room_;
  size_t at_ = 0;
  bool overflowed_ = false;
};

}  // namespace rollcall::dns
