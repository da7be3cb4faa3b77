// Edition: tells what one snapshot holds of something from what another one does. Indexes do not:
// when a log has been restored from a backup they come again, with other content.
// A plain value, good in the process that has drawn it. Any thread.
#pragma once

#include <atomic>
#include <cstdint>

namespace rollcall::catalog {

class Edition {
 public:
  // Of what there was before anybody has changed anything.
  Edition() = default;
  // Equal to no other.
  static Edition Next() {
    static std::atomic<uint64_t> last{0};
    return Edition(last.fetch_add(1, std::memory_order_relaxed) + 1);
  }
  friend bool operator==(Edition, Edition) = default;

 private:
  explicit Edition(uint64_t value) : value_(value) {}
  uint64_t value_ = 0;
};

}  // namespace rollcall::catalog
