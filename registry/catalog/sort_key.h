// SortKey: a key of a PersistentMap written as bytes whose order (memcmp, the shorter first) is the
// order of the keys. So that keys can be told apart by a few of their bytes, side by side, without
// a look at each of the entries that they belong to. Belongs to the thread that made it.
//
// A map's Traits write their key:
//   static void Write(const Key& key, SortKey* to) { to->AddName(key); }
#pragma once

#include <algorithm>
#include <bit>
#include <boost/container/small_vector.hpp>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "registry/base/ascii.h"

namespace rollcall::catalog {

class SortKey {
 public:
  // As they are.
  void AddBytes(std::span<const uint8_t> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  void AddBytes(std::string_view bytes) {
    AddBytes({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
  }

  // A name without regard to ASCII case. The last part of a key.
  void AddName(std::string_view name) {
    const size_t at = bytes_.size();
    bytes_.resize(at + name.size(), boost::container::default_init);
    AsciiLower(name, reinterpret_cast<char*>(bytes_.data() + at));
  }

  // The same, where another part follows: its end sorts before whatever a longer name goes on with.
  void AddNameBefore(std::string_view name) {
    for (const char c : name) {
      bytes_.push_back(static_cast<uint8_t>(AsciiLower(c)));
      if (c == '\0') bytes_.push_back(0xff);
    }
    AddBytes(std::string_view("\x00\x01", 2));
  }

  size_t size() const { return bytes_.size(); }

  // The eight bytes from `offset` on, as a number that is ordered as they are; zeros past the end.
  uint64_t EightFrom(size_t offset) const {
    uint64_t eight = 0;
    if (offset + sizeof eight <= size()) {
      std::memcpy(&eight, bytes_.data() + offset, sizeof eight);
    } else if (offset < size()) {
      std::memcpy(&eight, bytes_.data() + offset, size() - offset);
    }
    static_assert(std::endian::native == std::endian::little);
    return __builtin_bswap64(eight);
  }

  // How many bytes both begin with.
  size_t CommonPrefix(const SortKey& other) const {
    const auto [mine, theirs] =
        std::mismatch(bytes_.begin(), bytes_.end(), other.bytes_.begin(), other.bytes_.end());
    return static_cast<size_t>(mine - bytes_.begin());
  }

 private:
  // Most keys are shorter, and need no memory of their own; so is every name that DNS can ask for.
  boost::container::small_vector<uint8_t, 256> bytes_;
};

}  // namespace rollcall::catalog
