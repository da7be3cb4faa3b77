// CountingIterator: the characters of a text for a parser that takes iterators, and how far it has
// read them, which a parser's events do not tell. All copies of one tell the same place. One
// thread's.
#pragma once

#include <cstddef>
#include <iterator>

namespace rollcall {

class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  // `*read_to` becomes the place behind the last character that has been read. It outlives the
  // iterator.
  CountingIterator(const char* at, const char** read_to) : at_(at), read_to_(read_to) {}

  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    *read_to_ = ++at_;
    return *this;
  }
  CountingIterator operator++(int) {
    const CountingIterator before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const CountingIterator& a, const CountingIterator& b) {
    return a.at_ == b.at_;
  }

 private:
  const char* at_;
  const char** read_to_;
};

}  // namespace rollcall
