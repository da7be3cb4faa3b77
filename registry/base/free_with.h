// FreeWith: deletes what a C library made with that library's own function.
//   std::unique_ptr<BIO, FreeWith<BIO_free>>
#pragma once

namespace rollcall {

template <auto kFree>
struct FreeWith {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

}  // namespace rollcall
