// OnceCell<T>: a slot that is filled at most once, by whichever thread needs it first, and then
// only read. Readers take no lock. When several threads fill it at once, one value wins and the
// others are thrown away: make values that are equal whoever makes them.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

namespace rollcall {

template <typename T>
class OnceCell {
 public:
  OnceCell() = default;
  OnceCell(const OnceCell&) = delete;
  OnceCell& operator=(const OnceCell&) = delete;
  ~OnceCell() { delete value_.load(std::memory_order_acquire); }

  // The value, or null while nobody has made it.
  const T* Get() const { return value_.load(std::memory_order_acquire); }

  // The value; `make()` (returning std::unique_ptr<const T>) is called when there is none yet.
  // The reference is valid as long as the cell.
  template <typename Make>
  const T& GetOrMake(Make&& make) const {
    if (const T* ready = Get()) return *ready;
    std::unique_ptr<const T> made = std::forward<Make>(make)();
    const T* expected = nullptr;
    if (value_.compare_exchange_strong(expected, made.get(), std::memory_order_acq_rel)) {
      return *made.release();
    }
    return *expected;
  }

 private:
  mutable std::atomic<const T*> value_{nullptr};
};

}  // namespace rollcall
