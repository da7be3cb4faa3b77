// What the store keeps about itself, in RocksDB's "default" column family:
//   "format" -> varint                     the format of everything else; written when the store
//                                          is made or converted
//   "last"   -> varint(first) varint(last) the indexes of the newest batch's transactions; each
//                                          batch writes it, along with its records
// `first` makes each batch name the one before it (its last index is first - 1), so that a hole in
// the log shows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "registry/base/index.h"
#include "registry/store/bytes.h"

namespace rollcall::store {

inline constexpr std::string_view kFormatKey = "format";
inline constexpr std::string_view kLastBatchKey = "last";
// Of column families, keys and values together. An older one is converted at Open:
//   1  no column families "coordinate" and "acl"
//   2  no column family "acl"
//   3  this one
inline constexpr uint64_t kFormat = 3;

struct BatchIndexes {
  Index first;
  Index last;
};

inline std::string EncodeFormat(uint64_t format) {
  std::string value;
  AppendVarint(&value, format);
  return value;
}

inline bool DecodeFormat(std::string_view value, uint64_t* format) {
  ByteReader reader(value);
  return reader.ReadVarint(format) && reader.empty();
}

inline std::string EncodeBatchIndexes(BatchIndexes indexes) {
  std::string value;
  AppendVarint(&value, indexes.first.value());
  AppendVarint(&value, indexes.last.value());
  return value;
}

inline bool DecodeBatchIndexes(std::string_view value, BatchIndexes* indexes) {
  ByteReader reader(value);
  uint64_t first = 0;
  uint64_t last = 0;
  if (!reader.ReadVarint(&first) || !reader.ReadVarint(&last) || !reader.empty()) return false;
  if (first == 0 || first > last) return false;
  *indexes = {Index(first), Index(last)};
  return true;
}

}  // namespace rollcall::store
