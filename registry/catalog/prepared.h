// What many readers ask for, made once and shared: a service's JSON body, its DNS answers, the list
// of all services. It is made on the first use after a change, by whichever worker needs it, and
// dies with what it was made from, so that it can never be stale. Any thread may read and fill.
#pragma once

#include <array>
#include <cstddef>
#include <memory>

#include "registry/base/once_cell.h"

namespace rollcall::catalog {

// Base of everything that can be kept.
class PreparedValue {
 public:
  PreparedValue() = default;
  PreparedValue(const PreparedValue&) = delete;
  PreparedValue& operator=(const PreparedValue&) = delete;
  virtual ~PreparedValue() = default;
};

// Room for one value; it always holds the same type T.
class PreparedCell {
 public:
  // The value, made by `make()` (returning std::unique_ptr<const T>) when there is none yet. Valid
  // as long as the cell.
  template <typename T, typename Make>
  const T& GetOrMake(Make&& make) const {
    return static_cast<const T&>(
        cell_.GetOrMake([&]() -> std::unique_ptr<const PreparedValue> { return make(); }));
  }

 private:
  OnceCell<PreparedValue> cell_;
};

// Who keeps what in the cells of a service. The catalog knows the names and nothing of the
// contents.
enum class PreparedSlot : size_t {
  kHealthJson,
  kHealthPassingJson,
  kCatalogJson,
  kChecksJson,
  kListedJson,  // its part of the list of all services
  kDns,
  kCount,
};

class PreparedSlots {
 public:
  const PreparedCell& operator[](PreparedSlot slot) const {
    return cells_[static_cast<size_t>(slot)];
  }

 private:
  std::array<PreparedCell, static_cast<size_t>(PreparedSlot::kCount)> cells_;
};

}  // namespace rollcall::catalog
