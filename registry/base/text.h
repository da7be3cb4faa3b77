// Text: a string that never changes and that all its copies share: a copy is a reference count, and
// an object takes the room of a pointer, an empty one nothing else. For what is kept by the million
// and said again and again, where a std::string takes 32 bytes and each copy its own characters.
//
// Implicitly made from and read as a std::string_view, so that it is a parameter wherever one is
// asked for. Making one from characters allocates. Any thread may copy, read and drop texts that
// share their characters.
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include "registry/base/shared_array.h"

namespace rollcall {

class Text;

// What is no Text and is read as one: strings, views of them, literals.
template <typename T>
concept OtherText = !std::same_as<T, Text> && std::convertible_to<const T&, std::string_view>;

class Text {
 public:
  Text() = default;
  // Implicit on purpose: a text is a string to all who use it.
  Text(std::string_view characters)  // NOLINT
      : characters_(characters.begin(), characters.end()) {}
  Text(const std::string& characters) : Text(std::string_view(characters)) {}  // NOLINT
  Text(const char* characters) : Text(std::string_view(characters)) {}         // NOLINT

  std::string_view view() const { return {characters_.data(), characters_.size()}; }
  operator std::string_view() const { return view(); }  // NOLINT
  std::string str() const { return std::string(view()); }
  size_t size() const { return characters_.size(); }
  bool empty() const { return characters_.empty(); }

  // See SharedArray.
  bool SharesWith(const Text& other) const { return characters_.SharesWith(other.characters_); }
  bool IsOnlyReference() const { return characters_.IsOnlyReference(); }
  // The same for all texts that share their characters, and for no others as long as these exist;
  // null for the empty text.
  const void* identity() const { return characters_.data(); }

  friend bool operator==(const Text& a, const Text& b) {
    return a.SharesWith(b) || a.view() == b.view();
  }
  friend std::strong_ordering operator<=>(const Text& a, const Text& b) {
    return a.SharesWith(b) ? std::strong_ordering::equal : a.view() <=> b.view();
  }
  // With all that is read as a string_view; templates, so that no other way to compare is as good.
  template <OtherText Other>
  friend bool operator==(const Text& a, const Other& b) {
    return a.view() == std::string_view(b);
  }
  template <OtherText Other>
  friend std::strong_ordering operator<=>(const Text& a, const Other& b) {
    return a.view() <=> std::string_view(b);
  }

  friend std::string operator+(std::string left, const Text& right) {
    return std::move(left.append(right.view()));
  }
  friend std::string operator+(const Text& left, std::string_view right) {
    return left.str().append(right);
  }
  friend std::ostream& operator<<(std::ostream& out, const Text& text) {
    return out << text.view();
  }

 private:
  SharedArray<char> characters_;
};

using TextList = SharedArray<Text>;

}  // namespace rollcall

template <>
struct std::hash<rollcall::Text> {
  size_t operator()(const rollcall::Text& text) const noexcept {
    return std::hash<std::string_view>()(text.view());
  }
};
