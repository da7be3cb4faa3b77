// key      := "catalog/" escaped(lower(node's name)) 00 01 place      escaped: as in
// record_codec.cc place    := 'n'                          the node and its own checks
//           | 'i' lower(instance's ID)     the instance and its checks
//           | 'c' lower(segment)           the node's coordinate there
//           | 'a' kind '/' lower(ID)       an object of access control; the node's name is empty
//
// document := version record*              version: one byte, kDocumentVersion
// record   := kind string(id) created modified string(value)
// kind     := one byte: 0 node, 1 instance, 2 check, 3 coordinate, 4 access control
// id       := a check's ID in lower case; empty for the others, which the key names
// created, modified := varint: the record's indexes; 0: that of the document's own entry in the log
// value    := as in record_codec.cc, without the indexes
//
// Who writes a document does not know the index that it will have. So what changes is written with
// 0, and what stays is written with the index that it has: the next writer of the document, who
// knows the index of this one, puts it in the place of the 0.
#include "registry/store/document.h"

#include <algorithm>
#include <utility>

#include "registry/base/ascii.h"
#include "registry/store/bytes.h"
#include "registry/store/record_codec.h"

namespace rollcall::store {
namespace {

constexpr std::string_view kCatalog = "catalog/";
constexpr std::string_view kNodeIds = "node-id/";
constexpr std::string_view kNodeEnd("\x00\x01", 2);
constexpr uint8_t kDocumentVersion = 1;

constexpr char kNodePlace = 'n';
constexpr char kInstancePlace = 'i';
constexpr char kCoordinatePlace = 'c';
constexpr char kAclPlace = 'a';

// So much is worth being handed to another thread.
constexpr size_t kChunkBytes = size_t{64} << 10;

std::string DocumentKey(std::string_view node, char place, std::string_view id) {
  std::string key = DocumentsOfNode(node);
  key.push_back(place);
  for (const char c : id) key.push_back(AsciiLower(c));
  return key;
}

Error DamagedDocument(std::string_view key, const std::string& what) {
  return Corruption("the document " + PrintableKey(key) + " is damaged: " + what);
}

// The part of a document's key that is the same in all of its node's, or nothing.
std::string_view NodePrefixOf(std::string_view key) {
  const size_t end = key.find(kNodeEnd, kCatalog.size());
  return end == std::string_view::npos ? std::string_view() : key.substr(0, end + kNodeEnd.size());
}

// The key of a record, from those of its document. `escaped` is the node's part of that one.
std::string RecordKeyOf(RecordKind kind, std::string_view escaped, std::string_view id,
                        const std::string& node) {
  if (kind == RecordKind::kNode) return node;
  return std::string(escaped).append(kNodeEnd).append(id);
}

}  // namespace

std::string DocumentsOfNode(std::string_view node) {
  return std::string(kCatalog) + InstanceKey(node, "");
}

std::string NodeDocumentKey(std::string_view node) { return DocumentKey(node, kNodePlace, ""); }
std::string InstanceDocumentKey(std::string_view node, std::string_view id) {
  return DocumentKey(node, kInstancePlace, id);
}
std::string CoordinateDocumentKey(std::string_view node, std::string_view segment) {
  return DocumentKey(node, kCoordinatePlace, segment);
}
std::string AclDocumentKey(std::string_view id) { return DocumentKey("", kAclPlace, id); }
std::string AclDocumentId(model::AclKind kind, std::string_view id) {
  return std::string(ToString(kind)) + "/" + AsciiLower(id);
}
bool ParseAclDocumentId(std::string_view text, model::AclKind* kind, std::string_view* id) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return false;
  *id = text.substr(slash + 1);
  return model::ParseAclKind(text.substr(0, slash), kind);
}
std::string NodeIdKey(std::string_view node_id) {
  return std::string(kNodeIds) + AsciiLower(node_id);
}

bool IsDocumentKey(std::string_view key) { return key.starts_with(kCatalog); }

Result<DocumentName> ParseDocumentKey(std::string_view key) {
  const std::string_view prefix = IsDocumentKey(key) ? NodePrefixOf(key) : std::string_view();
  if (prefix.empty() || key.size() == prefix.size())
    return DamagedDocument(key, "that is no key of one");
  DocumentName name;
  const std::string_view escaped =
      prefix.substr(kCatalog.size(), prefix.size() - kCatalog.size() - kNodeEnd.size());
  for (size_t i = 0; i < escaped.size(); ++i) {
    name.node.push_back(escaped[i]);
    if (escaped[i] == '\0') ++i;  // an escaped 00
  }
  name.id = key.substr(prefix.size() + 1);
  switch (key[prefix.size()]) {
    case kNodePlace:
      name.kind = DocumentKind::kNode;
      break;
    case kInstancePlace:
      name.kind = DocumentKind::kInstance;
      break;
    case kCoordinatePlace:
      name.kind = DocumentKind::kCoordinate;
      break;
    case kAclPlace:
      name.kind = DocumentKind::kAcl;
      break;
    default:
      return DamagedDocument(key, "that is no key of one");
  }
  if (DocumentKey(name.node, key[prefix.size()], name.id) != key ||
      (name.kind == DocumentKind::kNode && !name.id.empty())) {
    return DamagedDocument(key, "that is no key of one");
  }
  return name;
}

DocumentWriter::DocumentWriter(Index base)
    : base_(base), bytes_(1, static_cast<char>(kDocumentVersion)) {}

template <typename Record, typename Encode>
void DocumentWriter::AddRecord(RecordKind kind, Record record, std::string_view id, Encode encode) {
  const auto kept = [this](Index index) { return index > base_ ? Index() : index; };
  const Index created = kept(record.create_index);
  const Index modified = kept(record.modify_index);
  record.create_index = record.modify_index = Index();
  bytes_.push_back(static_cast<char>(kind));
  AppendString(&bytes_, id);
  AppendVarint(&bytes_, created.value());
  AppendVarint(&bytes_, modified.value());
  AppendString(&bytes_, encode(record));
}

void DocumentWriter::Add(const model::Node& node) {
  AddRecord(RecordKind::kNode, node, "", EncodeNode);
}
void DocumentWriter::Add(const model::Instance& instance) {
  AddRecord(RecordKind::kInstance, instance, "", EncodeInstance);
}
void DocumentWriter::Add(const model::Check& check) {
  AddRecord(RecordKind::kCheck, check, AsciiLower(check.check_id), EncodeCheck);
}
void DocumentWriter::Add(const model::Coordinate& coordinate) {
  AddRecord(RecordKind::kCoordinate, coordinate, "", EncodeCoordinate);
}
void DocumentWriter::Add(const model::AclObject& object) {
  AddRecord(RecordKind::kAcl, object, "", EncodeAcl);
}

Result<void> ReadDocument(std::string_view key, std::string_view value, Index revision,
                          RecordChunk* chunk) {
  const Result<DocumentName> name = ParseDocumentKey(key);
  if (!name) return name.error();
  const std::string_view escaped =
      key.substr(kCatalog.size(), NodePrefixOf(key).size() - kCatalog.size() - kNodeEnd.size());
  ByteReader reader(value);
  uint8_t version = 0;
  if (!reader.ReadByte(&version)) return DamagedDocument(key, "it is empty");
  if (version != kDocumentVersion) {
    return DamagedDocument(key, "it is of version " + std::to_string(version) +
                                    ", this program knows " + std::to_string(kDocumentVersion));
  }
  while (!reader.empty()) {
    uint8_t kind = 0;
    std::string_view id;
    uint64_t created = 0;
    uint64_t modified = 0;
    std::string_view record;
    if (!reader.ReadByte(&kind) || !reader.ReadString(&id) || !reader.ReadVarint(&created) ||
        !reader.ReadVarint(&modified) || !reader.ReadString(&record)) {
      return DamagedDocument(key, "it ends too early");
    }
    if (kind > static_cast<uint8_t>(RecordKind::kAcl)) {
      return DamagedDocument(key, "it holds a record of no kind");
    }
    const auto of_kind = static_cast<RecordKind>(kind);
    std::string complete(record);
    AppendIndexes(of_kind, created == 0 ? revision : Index(created),
                  modified == 0 ? revision : Index(modified), &complete);
    const std::string_view id_of_record = of_kind == RecordKind::kCheck ? id : name->id;
    chunk->Add({of_kind, RecordKeyOf(of_kind, escaped, id_of_record, name->node), complete});
  }
  return {};
}

DocumentChunks::DocumentChunks(std::string source, Index last, Sink sink)
    : source_(std::move(source)),
      last_(last),
      sink_(std::move(sink)),
      of_node_(NewChunk()),
      chunk_(NewChunk()) {}

RecordChunk DocumentChunks::NewChunk() const { return RecordChunk(source_, last_); }

Result<bool> DocumentChunks::Add(const KeyValue& document) {
  const std::string_view prefix = NodePrefixOf(document.key);
  if (prefix != node_) {
    CloseNode();
    node_ = prefix;
    if (chunk_.bytes() >= kChunkBytes && !sink_(std::exchange(chunk_, NewChunk()))) return false;
  }
  Result<void> read = ReadDocument(document.key, document.value, document.revision, &of_node_);
  if (!read) return Corruption(source_ + ": " + read.error().message);
  return true;
}

void DocumentChunks::CloseNode() {
  if (of_node_.empty()) return;
  std::vector<EncodedRecord> records;
  RecordChunk::Reader reader = of_node_.Read();
  for (EncodedRecord record; reader.Next(&record);) records.push_back(record);
  std::sort(records.begin(), records.end(), [](const EncodedRecord& a, const EncodedRecord& b) {
    return std::pair(a.kind, a.key) < std::pair(b.kind, b.key);
  });
  for (const EncodedRecord& record : records) chunk_.Add(record);
  of_node_ = NewChunk();
}

void DocumentChunks::Finish() {
  CloseNode();
  if (!chunk_.empty()) sink_(std::exchange(chunk_, NewChunk()));
}

}  // namespace rollcall::store
