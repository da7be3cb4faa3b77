// What the writer and the reader of snapshot files agree on. The grammar is at the top of
// snapshot_writer.cc, and for people in docs/snapshot-format.md. Plain values.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "registry/base/index.h"

namespace rollcall::store {

inline constexpr std::string_view kSnapshotMagic = "rollcall snapshot\n";
// What an old reader must not misread takes a new one; members that it may skip do not.
inline constexpr uint8_t kSnapshotFormat = 1;

// type size(4) crc(4) before the content, crc(4) after it; numbers with the least significant byte
// first.
enum class FrameType : uint8_t { kHeader = 'H', kBlock = 'B', kEnd = 'E' };
inline constexpr size_t kFrameHeadBytes = 9;
inline constexpr size_t kFrameTailBytes = 4;

struct RecordCounts {
  uint64_t nodes = 0;
  uint64_t instances = 0;
  uint64_t checks = 0;
  uint64_t coordinates = 0;

  RecordCounts& operator+=(const RecordCounts& more) {
    nodes += more.nodes;
    instances += more.instances;
    checks += more.checks;
    coordinates += more.coordinates;
    return *this;
  }
  uint64_t total() const { return nodes + instances + checks + coordinates; }
  friend bool operator==(const RecordCounts&, const RecordCounts&) = default;
};

struct SnapshotHeader {
  std::string version = {};  // of the program that wrote it
  std::string datacenter = {};
  std::chrono::nanoseconds time{0};  // when, since 1970
  Index index = {};                  // of the catalog that it is of; unset: of none
  // What will come, but for coordinates; of each, 0: not known.
  RecordCounts expected = {};
};

// "10 nodes, 20 instances, 30 checks, 4 coordinates"
std::string Describe(const RecordCounts& counts);

}  // namespace rollcall::store
