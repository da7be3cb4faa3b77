// SharedValue: a value that never changes and is shared by all who refer to it, or nothing (null).
// The room of a pointer; the count of references lies beside the value. Compares as the values do,
// so that it does not matter who shares with whom. Threads as SharedArray.
#pragma once

#include <cstddef>
#include <utility>

#include "registry/base/shared_array.h"

namespace rollcall {

template <typename T>
class SharedValue {
 public:
  SharedValue() = default;
  SharedValue(std::nullptr_t) {}  // NOLINT
  SharedValue(T value)            // NOLINT
      : value_(SharedArray<T>::Of(std::move(value))) {}

  // Null when there is nothing.
  const T* get() const { return value_.data(); }
  // Precondition: there is something.
  const T& operator*() const { return value_.front(); }
  const T* operator->() const { return get(); }

  // See SharedArray.
  bool SharesWith(const SharedValue& other) const { return value_.SharesWith(other.value_); }
  bool IsOnlyReference() const { return value_.IsOnlyReference(); }

  // Null equals null alone.
  friend bool operator==(const SharedValue& a, const SharedValue& b) {
    return a.value_ == b.value_;
  }

 private:
  SharedArray<T> value_;
};

}  // namespace rollcall
