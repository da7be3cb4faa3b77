// Index: the catalog's change counter, Consul's CreateIndex, ModifyIndex and X-Consul-Index.
// Every committed transaction has its own, greater than any before it; 0 means "none yet" and is
// never sent to a client.
#pragma once

#include <compare>
#include <cstdint>

namespace rollcall {

class Index {
 public:
  constexpr Index() = default;
  constexpr explicit Index(uint64_t value) : value_(value) {}
  constexpr uint64_t value() const { return value_; }
  constexpr bool is_set() const { return value_ != 0; }
  constexpr Index Next() const { return Index(value_ + 1); }
  friend constexpr auto operator<=>(Index, Index) = default;

 private:
  uint64_t value_ = 0;
};

}  // namespace rollcall
