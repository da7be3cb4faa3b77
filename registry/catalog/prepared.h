// PreparedSlots: what many readers ask of one entry, made once and shared: a service's JSON body,
// its DNS answers. A slot is filled on the first use after a change, by whichever worker needs it,
// and dies with the snapshot entry that it was made from, so that it can never be stale. Any thread
// may read and fill.
#pragma once

#include <array>
#include <cstddef>
#include <memory>

#include "registry/base/once_cell.h"

namespace rollcall::catalog {

// Base of everything that can be kept in a slot.
class PreparedValue {
 public:
  PreparedValue() = default;
  PreparedValue(const PreparedValue&) = delete;
  PreparedValue& operator=(const PreparedValue&) = delete;
  virtual ~PreparedValue() = default;
};

// Who keeps what where. The catalog knows the names and nothing of the contents.
enum class PreparedSlot : size_t {
  kHealthJson,
  kHealthPassingJson,
  kCatalogJson,
  kChecksJson,
  kDns,
  kCount,
};

class PreparedSlots {
 public:
  // The value in `slot`, made by `make()` (returning std::unique_ptr<const T>) when it is empty.
  // One slot always holds one type T. Valid as long as the entry that holds these slots.
  template <typename T, typename Make>
  const T& GetOrMake(PreparedSlot slot, Make&& make) const {
    return static_cast<const T&>(cells_[static_cast<size_t>(slot)].GetOrMake(
        [&]() -> std::unique_ptr<const PreparedValue> { return make(); }));
  }

 private:
  std::array<OnceCell<PreparedValue>, static_cast<size_t>(PreparedSlot::kCount)> cells_;
};

}  // namespace rollcall::catalog
