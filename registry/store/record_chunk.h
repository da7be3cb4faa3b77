// RecordChunk: the records of some nodes as a store holds them, still encoded. What takes time when
// a large catalog is loaded is to decode them, and that any thread may do.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "registry/base/index.h"
#include "registry/base/result.h"
#include "registry/model/records.h"
#include "registry/store/record_codec.h"

namespace rollcall::store {

class Sharing;

// Its views are valid as long as what it was taken from: a chunk, or the store's own memory.
struct EncodedRecord {
  RecordKind kind;
  std::string_view key;
  std::string_view value;
};

// One thread at a time may add to a chunk; any number may read one that nobody adds to.
class RecordChunk {
 public:
  // Of a store whose last index is `last_index`; errors call it `source`.
  RecordChunk(std::string source, Index last_index)
      : source_(std::move(source)), last_index_(last_index) {}

  // Those of a node one after the other: the node, its instances, its checks, its coordinates, each
  // kind in the order of their keys (record_codec.h). Those of no node likewise.
  void Add(const EncodedRecord& record);

  // Makes room for so many bytes().
  void Reserve(size_t bytes) { records_.reserve(bytes); }
  // Of all keys and values, and a little more.
  size_t bytes() const { return records_.size(); }
  bool empty() const { return records_.empty(); }
  Index last_index() const { return last_index_; }

  // The records in the order in which they were added.
  class Reader {
   public:
    // False at the end.
    bool Next(EncodedRecord* record);

   private:
    friend class RecordChunk;
    explicit Reader(std::string_view rest) : rest_(rest) {}
    std::string_view rest_;
  };
  Reader Read() const { return Reader(records_); }

  // A record of this chunk, of that kind. kCorruption names source and record: see record_codec.h;
  // or its indexes cannot be.
  Result<model::Node> Node(const EncodedRecord& record, Sharing& sharing) const;
  Result<model::Instance> Instance(const EncodedRecord& record, Sharing& sharing) const;
  Result<model::Check> Check(const EncodedRecord& record, Sharing& sharing) const;
  Result<model::Coordinate> Coordinate(const EncodedRecord& record, Sharing& sharing) const;
  Result<model::AclObject> Acl(const EncodedRecord& record, Sharing& sharing) const;

 private:
  template <typename Record>
  Result<Record> Checked(const EncodedRecord& from, Result<Record> record) const;

  std::string source_;
  Index last_index_;
  std::string records_;  // of each: a Head (record_chunk.cc), its key, its value
};

}  // namespace rollcall::store
