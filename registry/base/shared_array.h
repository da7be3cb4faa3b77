// SharedArray: elements that are made once, never change, and are shared by all copies of the
// array. A copy is a reference count, not a copy of elements. An array takes the room of a pointer,
// to one block of memory:
//
//   block := references (4 bytes) size (4 bytes) element*     references: of all arrays to it
//
// The empty array has no block. Any thread may copy, read and drop arrays that share a block; one
// array object is, as usual, not to be changed by one thread while another uses it.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <memory>
#include <new>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

namespace rollcall {

template <typename T>
class SharedArray {
 public:
  using value_type = T;
  using const_iterator = const T*;
  using iterator = const_iterator;

  SharedArray() = default;
  // Implicit on purpose: a list is an array to all who use it. More than 2^32 - 1 elements:
  // std::length_error.
  SharedArray(std::initializer_list<T> elements) : SharedArray(elements.begin(), elements.end()) {}
  SharedArray(std::vector<T>&& elements)  // NOLINT
      : block_(MakeBlock(std::make_move_iterator(elements.begin()),
                         std::make_move_iterator(elements.end()))) {}
  template <typename U, typename = std::enable_if_t<std::is_constructible_v<T, const U&>>>
  SharedArray(const std::vector<U>& elements)  // NOLINT
      : SharedArray(elements.begin(), elements.end()) {}
  template <std::forward_iterator Iterator>
  SharedArray(Iterator begin, Iterator end) : block_(MakeBlock(begin, end)) {}
  // Of one element, which is moved into it.
  static SharedArray Of(T element) {
    SharedArray array;
    array.block_ =
        MakeBlock(std::make_move_iterator(&element), std::make_move_iterator(&element + 1));
    return array;
  }

  SharedArray(const SharedArray& other) noexcept : block_(other.block_) {
    if (block_ != nullptr) block_->references.fetch_add(1, std::memory_order_relaxed);
  }
  SharedArray(SharedArray&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  SharedArray& operator=(SharedArray other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~SharedArray() {
    if (block_ != nullptr) Drop(block_);
  }

  size_t size() const { return block_ == nullptr ? 0 : block_->size; }
  bool empty() const { return block_ == nullptr; }
  // Null when the array is empty.
  const T* data() const { return block_ == nullptr ? nullptr : ElementsOf(block_); }
  const_iterator begin() const { return data(); }
  const_iterator end() const { return data() + size(); }
  // Precondition: there is such an element.
  const T& operator[](size_t at) const { return ElementsOf(block_)[at]; }
  const T& front() const { return (*this)[0]; }
  const T& back() const { return (*this)[size() - 1]; }

  // Whether both are one block in memory; so are all that are empty. What shares is equal, what is
  // equal need not share.
  bool SharesWith(const SharedArray& other) const { return block_ == other.block_; }
  // Whether no other array shares the elements. Only who alone could make another copy of this
  // array can rely on the answer.
  bool IsOnlyReference() const {
    return block_ == nullptr || block_->references.load(std::memory_order_acquire) == 1;
  }

  friend bool operator==(const SharedArray& a, const SharedArray& b) {
    return a.SharesWith(b) || std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  struct Block {
    std::atomic<uint32_t> references;
    const uint32_t size;
  };
  static constexpr size_t OffsetOfElements() { return std::max(sizeof(Block), alignof(T)); }

  static T* ElementsOf(Block* block) {
    static_assert(alignof(T) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__);
    return std::launder(
        reinterpret_cast<T*>(reinterpret_cast<std::byte*>(block) + OffsetOfElements()));
  }

  // Null for no elements.
  template <typename Iterator>
  static Block* MakeBlock(Iterator begin, Iterator end) {
    const auto size = static_cast<size_t>(std::distance(begin, end));
    if (size == 0) return nullptr;
    if (size > std::numeric_limits<uint32_t>::max()) {
      throw std::length_error("SharedArray: too many elements");
    }
    void* const memory = ::operator new(OffsetOfElements() + size * sizeof(T));
    auto* const block = new (memory) Block{1, static_cast<uint32_t>(size)};
    try {
      std::uninitialized_copy(
          begin, end, reinterpret_cast<T*>(static_cast<std::byte*>(memory) + OffsetOfElements()));
    } catch (...) {
      ::operator delete(memory);
      throw;
    }
    return block;
  }

  static void Drop(Block* block) noexcept {
    // Where this is the only reference nobody can make another one meanwhile, and the costlier
    // subtraction is not needed.
    if (block->references.load(std::memory_order_acquire) != 1 &&
        block->references.fetch_sub(1, std::memory_order_acq_rel) != 1) {
      return;
    }
    std::destroy_n(ElementsOf(block), block->size);
    ::operator delete(block);
  }

  Block* block_ = nullptr;
};

}  // namespace rollcall
