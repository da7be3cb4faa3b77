#include "registry/store/record_chunk.h"

#include <cassert>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

namespace rollcall::store {
namespace {

// Of one record, before its key and its value.
struct Head {
  uint32_t key_size;
  uint32_t value_size;
  uint32_t kind;  // RecordKind
};

std::string_view NameOf(RecordKind kind) {
  switch (kind) {
    case RecordKind::kNode:
      return "node";
    case RecordKind::kInstance:
      return "instance";
    case RecordKind::kCheck:
      return "check";
    case RecordKind::kCoordinate:
      return "coordinate";
    case RecordKind::kAcl:
      break;
  }
  return "access control";
}

}  // namespace

void RecordChunk::Add(const EncodedRecord& record) {
  // RocksDB has the same limits.
  assert(record.key.size() <= std::numeric_limits<uint32_t>::max());
  assert(record.value.size() <= std::numeric_limits<uint32_t>::max());
  const Head head{static_cast<uint32_t>(record.key.size()),
                  static_cast<uint32_t>(record.value.size()), static_cast<uint32_t>(record.kind)};
  char bytes[sizeof head];
  std::memcpy(bytes, &head, sizeof head);
  records_.append(bytes, sizeof head).append(record.key).append(record.value);
}

bool RecordChunk::Reader::Next(EncodedRecord* record) {
  if (rest_.empty()) return false;
  Head head;
  std::memcpy(&head, rest_.data(), sizeof head);
  *record = {static_cast<RecordKind>(head.kind), rest_.substr(sizeof head, head.key_size),
             rest_.substr(sizeof head + head.key_size, head.value_size)};
  rest_.remove_prefix(sizeof head + head.key_size + head.value_size);
  return true;
}

template <typename Record>
Result<Record> RecordChunk::Checked(const EncodedRecord& from, Result<Record> record) const {
  if (!record) return Corruption(source_ + ": " + record.error().message);
  const Index created = record->create_index;
  const Index modified = record->modify_index;
  if (created.is_set() && created <= modified && modified <= last_index_) return record;
  return Corruption(source_ + ": " + std::string(NameOf(from.kind)) + " " + PrintableKey(from.key) +
                    " has the indexes " + std::to_string(created.value()) + " and " +
                    std::to_string(modified.value()) + ", the store's last is " +
                    std::to_string(last_index_.value()));
}

Result<model::Node> RecordChunk::Node(const EncodedRecord& record, Sharing& sharing) const {
  return Checked(record, DecodeNode(record.key, record.value, sharing));
}

Result<model::Instance> RecordChunk::Instance(const EncodedRecord& record, Sharing& sharing) const {
  return Checked(record, DecodeInstance(record.key, record.value, sharing));
}

Result<model::Check> RecordChunk::Check(const EncodedRecord& record, Sharing& sharing) const {
  return Checked(record, DecodeCheck(record.key, record.value, sharing));
}

Result<model::Coordinate> RecordChunk::Coordinate(const EncodedRecord& record,
                                                  Sharing& sharing) const {
  return Checked(record, DecodeCoordinate(record.key, record.value, sharing));
}

Result<model::AclObject> RecordChunk::Acl(const EncodedRecord& record, Sharing& sharing) const {
  return Checked(record, DecodeAcl(record.key, record.value, sharing));
}

}  // namespace rollcall::store
