// Documents: what a shared log (shared_log.h) keeps of the catalog. A document is one key with all
// records that are registered together: a node with its own checks, an instance with its checks, a
// node's coordinate in one segment. So a registration is a handful of keys however many checks it
// has, and is never written by halves. The grammar is at the top of document.cc.
//
// Functions without state: any thread may call them. A writer or reader is one thread's.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "registry/base/index.h"
#include "registry/base/result.h"
#include "registry/model/records.h"
#include "registry/store/record_chunk.h"
#include "registry/store/shared_log.h"

namespace rollcall::store {

// kAcl: an object of access control. It is of the node without a name, whose own document holds
// nothing: it is written along with each change of any such object, and excludes others by that.
enum class DocumentKind : uint8_t { kNode, kInstance, kCoordinate, kAcl };

// Keys sort by node, as the records' own do (record_codec.h).
std::string NodeDocumentKey(std::string_view node);
std::string InstanceDocumentKey(std::string_view node, std::string_view id);
std::string CoordinateDocumentKey(std::string_view node, std::string_view segment);
std::string AclDocumentKey(std::string_view id);  // AclDocumentId's
// What tells one object from all others: "token/6ba7...".
std::string AclDocumentId(model::AclKind kind, std::string_view id);
// The other way round; false when it is none.
bool ParseAclDocumentId(std::string_view text, model::AclKind* kind, std::string_view* id);
// What the keys of all documents of a node begin with, and no other key does.
std::string DocumentsOfNode(std::string_view node);
// The key that says which node has an ID (a UUID): its value is the node's name in lower case.
std::string NodeIdKey(std::string_view node_id);

struct DocumentName {
  DocumentKind kind;
  std::string node;  // in lower case, as is the next
  std::string id;    // of an instance, or the segment of a coordinate, or an AclDocumentId
};
// Whether a key is that of a document at all.
bool IsDocumentKey(std::string_view key);
// kCorruption: the key of none, or one that was not made here.
Result<DocumentName> ParseDocumentKey(std::string_view key);

// Puts a document together. A record that was changed after `base` is written as changed by the
// entry that the document becomes a part of, whose index is not known yet.
class DocumentWriter {
 public:
  explicit DocumentWriter(Index base);

  void Add(const model::Node& node);
  void Add(const model::Instance& instance);
  void Add(const model::Check& check);
  void Add(const model::Coordinate& coordinate);
  void Add(const model::AclObject& object);

  std::string Take() { return std::move(bytes_); }

 private:
  template <typename Record, typename Encode>
  void AddRecord(RecordKind kind, Record record, std::string_view id, Encode encode);

  const Index base_;
  std::string bytes_;
};

// Adds the records of a document, which was written at `revision`, to `chunk`, in the order in
// which they were added; their indexes are final. kCorruption says what is wrong with it: it is no
// document, or one of another version.
Result<void> ReadDocument(std::string_view key, std::string_view value, Index revision,
                          RecordChunk* chunk);

// Makes of a log's documents, in the order of their keys, what a store hands out when it is loaded
// (store.h): chunks of whole nodes, with each node's records in the order that a chunk has.
class DocumentChunks {
 public:
  using Sink = std::function<bool(RecordChunk)>;

  // Of a log whose last index is `last`; errors call it `source`.
  DocumentChunks(std::string source, Index last, Sink sink);

  // The next document. False: the sink wants no more.
  Result<bool> Add(const KeyValue& document);
  // After the last one.
  void Finish();

 private:
  RecordChunk NewChunk() const;
  // Moves the node's records to the chunk.
  void CloseNode();

  const std::string source_;
  const Index last_;
  const Sink sink_;
  std::string node_;     // the beginning of its documents' keys
  RecordChunk of_node_;  // its records, as they come
  RecordChunk chunk_;
};

}  // namespace rollcall::store
