// What the store's writer (store_writer.cc) and the test that kills it agree on.
#pragma once

#include <cstdint>
#include <string>

namespace rollcall::store {

inline constexpr uint64_t kWriterSlots = 40;
inline constexpr uint64_t kWriterBatch = 3;

inline std::string WriterNode(uint64_t index) {
  return "node-" + std::to_string(index % kWriterSlots);
}

}  // namespace rollcall::store
