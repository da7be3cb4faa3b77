// Counted<T>: a T that counts the references to it, and Ref<T>, such a reference: half the size of
// a std::shared_ptr, without a block of its own for the count. The T is immutable, so that any
// thread may read it; references may be copied and dropped by any thread.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <utility>

namespace rollcall {

// Base of a type that is only used through references.
template <typename T>
using RefCounter = boost::intrusive_ref_counter<T, boost::thread_safe_counter>;

// For a plain value that should not know of the count.
template <typename T>
struct Counted final : T, RefCounter<Counted<T>> {
  explicit Counted(T value) : T(std::move(value)) {}
};

template <typename T>
using Ref = boost::intrusive_ptr<const T>;

// A new object that holds `value`.
template <typename T>
Ref<Counted<T>> MakeCounted(T value) {
  return Ref<Counted<T>>(new Counted<T>(std::move(value)));
}

}  // namespace rollcall
