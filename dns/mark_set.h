// MarkSet: a set of small numbers that is emptied at no cost, for what must come once in each
// answer. Allocates only when it is asked to hold larger numbers than ever before. One worker's.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace rollcall::dns {

class MarkSet {
 public:
  // Empties the set; it can hold numbers below `size` from here on.
  void Clear(size_t size) {
    if (marks_.size() < size) marks_.resize(size);
    if (++mark_ == 0) {  // every number may carry this mark from an answer of long ago
      std::fill(marks_.begin(), marks_.end(), 0);
      mark_ = 1;
    }
  }

  // False when it was there already.
  bool Insert(uint32_t number) { return std::exchange(marks_[number], mark_) != mark_; }

 private:
  std::vector<uint32_t> marks_;  // those in the set carry mark_
  uint32_t mark_ = 0;
};

}  // namespace rollcall::dns
