// key      := node-key | part-key
// node-key := lower(node's name)                      in column family "node"
// part-key := escaped(lower(node's name)) 00 01 lower(ID)   in "instance", "check", "coordinate"
//             (a coordinate's ID is its network segment)
//           | 00 01 kind '/' lower(ID)          in "acl"; kind: as model::ToString(AclKind) has it
// escaped  := each byte 00 as 00 FF, every other byte as it is
//
//   The separator 00 01 sorts before any byte that can follow in a longer name (00 FF, or 01 and
//   up), so keys sort as (name, ID) do, and no name can imitate it.
//
// value    := version field*          version: one byte, kRecordVersion
// field    := head content            in ascending order of tag
// head     := varint(tag << 1 | wire) tag: from 1
// content  := varint                  when wire is 0
//           | string                  when wire is 1
// string   := varint(length) byte*
// varint   := seven bits a byte, the least significant first, the high bit set but in the last byte
//
// What a content means, by the type of the record's member (tags: Describe, below):
//   text                       wire 1, the text
//   bool, status, index        wire 0, the number (status: 0 passing, 1 warning, 2 critical)
//   int, duration (ns)         wire 0, zigzag
//   number, list of numbers    wire 1, eight bytes for each: IEEE 754, least significant first
//   list of texts              wire 1, a field of the same tag for each text
//   map                        wire 1, a field of the same tag for each entry:
//     to text                    string(key) string(value)
//     to address and port        string(key) string(address) varint(zigzag(port))
//     to list of texts           string(key) string*
//   definition                 wire 1, field* of the definition; not there when it is null
//
// A field that has its default (empty, 0, false; 1 for a weight) is left out. Only a list's or a
// map's tag may repeat. A reader skips a tag that it does not know, so that a minor version can add
// members, with greater tags than any before; tags are never used again for something else. What an
// old reader must not misread takes a new version.
#include "registry/store/record_codec.h"

#include <string>
#include <utility>

#include "registry/base/ascii.h"
#include "registry/store/fields.h"
#include "registry/store/sharing.h"

namespace rollcall::store {
namespace {

constexpr std::string_view kSeparator("\x00\x01", 2);
constexpr char kEscape = '\xff';  // after a byte 00 of a name

// The tag of a record's create index; that of its modify index is the next, and the last of all.
constexpr uint64_t CreateIndexTag(RecordKind kind) {
  switch (kind) {
    case RecordKind::kNode:
      return 6;
    case RecordKind::kInstance:
      return 14;
    case RecordKind::kCheck:
      return 13;
    case RecordKind::kAcl:
      return 4;
    case RecordKind::kCoordinate:
      break;
  }
  return 7;
}

template <typename Fields, typename Record>
void DescribeIndexes(Fields& f, RecordKind kind, Record& record) {
  f.Field(CreateIndexTag(kind), record.create_index);
  f.Field(CreateIndexTag(kind) + 1, record.modify_index);
}

// `Fields` is FieldWriter with a const record, or FieldReader with a record to fill in.
template <typename Fields, typename NodeRecord>
void DescribeNode(Fields& f, NodeRecord& node) {
  f.Field(1, node.id);
  f.Field(2, node.name);
  f.Field(3, node.address);
  f.Addresses(4, node.tagged_addresses, node.address);
  f.Common(5, node.meta);
  DescribeIndexes(f, RecordKind::kNode, node);  // 6, 7
}

template <typename Fields, typename InstanceRecord>
void DescribeInstance(Fields& f, InstanceRecord& instance) {
  f.Field(1, instance.node);
  f.Field(2, instance.id);
  f.Common(3, instance.service);
  f.Common(4, instance.kind);
  f.Common(5, instance.tags);
  f.Field(6, instance.address);
  f.Field(7, instance.port, 0);
  f.Field(8, instance.socket_path);
  f.Addresses(9, instance.tagged_addresses, instance.address);
  f.Common(10, instance.meta);
  f.Field(11, instance.weights.passing, 1);
  f.Field(12, instance.weights.warning, 1);
  f.Field(13, instance.enable_tag_override);
  DescribeIndexes(f, RecordKind::kInstance, instance);  // 14, 15
}

template <typename Fields, typename CheckRecord>
void DescribeCheck(Fields& f, CheckRecord& check) {
  f.Field(1, check.node);
  f.Field(2, check.check_id);
  f.Common(3, check.name);
  f.Field(4, check.status);
  f.Common(5, check.notes);
  f.Output(6, check.output);
  f.Field(7, check.service_id);
  f.Common(8, check.service_name);
  f.Common(9, check.service_tags);
  f.Common(10, check.type);
  f.Common(11, check.definition);
  f.Common(12, check.upkeep);
  DescribeIndexes(f, RecordKind::kCheck, check);  // 13, 14
}

template <typename Fields, typename CoordinateRecord>
void DescribeCoordinate(Fields& f, CoordinateRecord& coordinate) {
  f.Field(1, coordinate.node);
  f.Field(2, coordinate.segment);
  f.Field(3, coordinate.vec);
  f.Field(4, coordinate.error);
  f.Field(5, coordinate.adjustment);
  f.Field(6, coordinate.height);
  DescribeIndexes(f, RecordKind::kCoordinate, coordinate);  // 7, 8
}

// The kind is in a text, as the key has it: an old reader must not take a new one for another.
template <typename Fields, typename Object>
void DescribeAcl(Fields& f, Text& kind, Object& object) {
  f.Field(1, kind);
  f.Field(2, object.id);
  f.Field(3, object.content);
  DescribeIndexes(f, RecordKind::kAcl, object);  // 4, 5
}

template <typename Fields, typename Definition>
void DescribeDefinition(Fields& f, Definition& definition) {
  f.Field(1, definition.http);
  f.Field(2, definition.header);
  f.Field(3, definition.method);
  f.Field(4, definition.body);
  f.Field(5, definition.tls_skip_verify);
  f.Field(6, definition.tcp);
  f.Field(7, definition.interval);
  f.Field(8, definition.timeout);
  f.Field(9, definition.ttl);
  f.Field(10, definition.deregister_critical_service_after);
}

std::string PartKey(std::string_view node, std::string_view id) {
  std::string key;
  key.reserve(node.size() + kSeparator.size() + id.size());
  for (const char c : node) {
    key.push_back(AsciiLower(c));
    if (c == '\0') key.push_back(kEscape);
  }
  key.append(kSeparator);
  for (const char c : id) key.push_back(AsciiLower(c));
  return key;
}

std::string StartValue() { return std::string(1, static_cast<char>(kRecordVersion)); }

Error Damaged(std::string_view kind, std::string_view key, const std::string& what) {
  return Corruption("the record of " + std::string(kind) + " " + PrintableKey(key) +
                    " is damaged: " + what);
}

bool IsPartKey(std::string_view key, std::string_view node, std::string_view id) {
  if (node.find('\0') != std::string_view::npos) return key == PartKey(node, id);
  return key.size() == node.size() + kSeparator.size() + id.size() &&
         IsAsciiLowerOf(key.substr(0, node.size()), node) &&
         key.substr(node.size()).starts_with(kSeparator) &&
         IsAsciiLowerOf(key.substr(node.size() + kSeparator.size()), id);
}

// Whether KeyOf(record) is `key`; mostly without making it.
bool IsKeyOf(std::string_view key, const model::Node& node) {
  return IsAsciiLowerOf(key, node.name);
}
bool IsKeyOf(std::string_view key, const model::Instance& instance) {
  return IsPartKey(key, instance.node, instance.id);
}
bool IsKeyOf(std::string_view key, const model::Check& check) {
  return IsPartKey(key, check.node, check.check_id);
}
bool IsKeyOf(std::string_view key, const model::Coordinate& coordinate) {
  return IsPartKey(key, coordinate.node, coordinate.segment);
}
bool IsKeyOf(std::string_view key, const model::AclObject& object) { return key == KeyOf(object); }

// Errors say what is wrong, and not with which record.
template <typename Record, typename Describe>
Result<Record> DecodeValue(std::string_view value, Sharing& sharing, Describe describe) {
  if (value.empty()) return Corruption("it is empty");
  const auto version = static_cast<uint8_t>(value.front());
  if (version != kRecordVersion) {
    return Corruption("it is of version " + std::to_string(version) + ", this program knows " +
                      std::to_string(kRecordVersion));
  }
  FieldReader fields(value.substr(1), sharing);
  Record record;
  describe(fields, record);
  if (const char* error = fields.Finish()) return Corruption(error);
  return record;
}

template <typename Record, typename Describe>
Result<Record> Decode(std::string_view kind, std::string_view key, std::string_view value,
                      Sharing& sharing, Describe describe) {
  Result<Record> record = DecodeValue<Record>(value, sharing, describe);
  if (!record) return Damaged(kind, key, record.error().message);
  if (!IsKeyOf(key, *record)) {
    return Damaged(kind, key, "it says that it is " + PrintableKey(KeyOf(*record)));
  }
  return record;
}

constexpr auto kNodeFields = [](auto& f, auto& node) { DescribeNode(f, node); };
constexpr auto kInstanceFields = [](auto& f, auto& instance) { DescribeInstance(f, instance); };
constexpr auto kCheckFields = [](auto& f, auto& check) { DescribeCheck(f, check); };
constexpr auto kCoordinateFields = [](auto& f, auto& coordinate) {
  DescribeCoordinate(f, coordinate);
};
constexpr auto kAclFields = [](FieldReader& f, model::AclObject& object) {
  Text kind;
  DescribeAcl(f, kind, object);
  // One that is not known is not that of the key.
  static_cast<void>(model::ParseAclKind(kind, &object.kind));
};

}  // namespace

std::string NodeKey(std::string_view name) { return AsciiLower(name); }
std::string InstanceKey(std::string_view node, std::string_view id) { return PartKey(node, id); }
std::string CheckKey(std::string_view node, std::string_view check_id) {
  return PartKey(node, check_id);
}

std::string CoordinateKey(std::string_view node, std::string_view segment) {
  return PartKey(node, segment);
}

std::string AclKey(model::AclKind kind, std::string_view id) {
  return PartKey("", std::string(model::ToString(kind)) + "/" + std::string(id));
}

std::string_view NodePartOf(RecordKind kind, std::string_view key, std::string* scratch) {
  if (kind != RecordKind::kNode) return key.substr(0, key.find(kSeparator));
  if (key.find('\0') == std::string_view::npos) return key;
  scratch->clear();
  for (const char c : key) {
    scratch->push_back(c);
    if (c == '\0') scratch->push_back(kEscape);
  }
  return *scratch;
}

std::string EncodeNode(const model::Node& node) {
  std::string value = StartValue();
  FieldWriter fields(&value);
  DescribeNode(fields, node);
  return value;
}

std::string EncodeInstance(const model::Instance& instance) {
  std::string value = StartValue();
  FieldWriter fields(&value);
  DescribeInstance(fields, instance);
  return value;
}

std::string EncodeCheck(const model::Check& check) {
  std::string value = StartValue();
  FieldWriter fields(&value);
  DescribeCheck(fields, check);
  return value;
}

std::string EncodeCoordinate(const model::Coordinate& coordinate) {
  std::string value = StartValue();
  FieldWriter fields(&value);
  DescribeCoordinate(fields, coordinate);
  return value;
}

std::string EncodeAcl(const model::AclObject& object) {
  std::string value = StartValue();
  FieldWriter fields(&value);
  Text kind(model::ToString(object.kind));
  DescribeAcl(fields, kind, object);
  return value;
}

void AppendIndexes(RecordKind kind, Index created, Index modified, std::string* value) {
  FieldWriter fields(value);
  fields.Field(CreateIndexTag(kind), created);
  fields.Field(CreateIndexTag(kind) + 1, modified);
}

Result<model::Node> DecodeNode(std::string_view key, std::string_view value, Sharing& sharing) {
  return Decode<model::Node>("node", key, value, sharing, kNodeFields);
}

Result<model::Instance> DecodeInstance(std::string_view key, std::string_view value,
                                       Sharing& sharing) {
  return Decode<model::Instance>("instance", key, value, sharing, kInstanceFields);
}

Result<model::Check> DecodeCheck(std::string_view key, std::string_view value, Sharing& sharing) {
  return Decode<model::Check>("check", key, value, sharing, kCheckFields);
}

Result<model::Coordinate> DecodeCoordinate(std::string_view key, std::string_view value,
                                           Sharing& sharing) {
  return Decode<model::Coordinate>("coordinate", key, value, sharing, kCoordinateFields);
}

Result<model::AclObject> DecodeAcl(std::string_view key, std::string_view value, Sharing& sharing) {
  return Decode<model::AclObject>("access control", key, value, sharing, kAclFields);
}

Result<model::Node> DecodeNodeValue(std::string_view value, Sharing& sharing) {
  return DecodeValue<model::Node>(value, sharing, kNodeFields);
}

Result<model::Instance> DecodeInstanceValue(std::string_view value, Sharing& sharing) {
  return DecodeValue<model::Instance>(value, sharing, kInstanceFields);
}

Result<model::Check> DecodeCheckValue(std::string_view value, Sharing& sharing) {
  return DecodeValue<model::Check>(value, sharing, kCheckFields);
}

Result<model::Coordinate> DecodeCoordinateValue(std::string_view value, Sharing& sharing) {
  return DecodeValue<model::Coordinate>(value, sharing, kCoordinateFields);
}

std::string PrintableKey(std::string_view key) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text = "\"";
  for (size_t i = 0; i < key.size(); ++i) {
    const auto byte = static_cast<unsigned char>(key[i]);
    if (key.substr(i).starts_with(kSeparator)) {
      text += "\" \"";
      ++i;
    } else if (byte < 0x20 || byte > 0x7e || byte == '"' || byte == '\\') {
      text += "\\x";
      text += kHex[byte >> 4];
      text += kHex[byte & 15];
      if (key.substr(i).starts_with(std::string_view("\x00\xff", 2))) ++i;  // an escaped 00
    } else {
      text += key[i];
    }
  }
  return text + "\"";
}

void FieldWriter::Common(uint64_t tag, const SharedValue<model::CheckDefinition>& value) {
  if (value == nullptr) return;
  std::string bytes;
  FieldWriter fields(&bytes);
  DescribeDefinition(fields, *value);
  Bytes(tag, bytes);
}

void FieldReader::Common(uint64_t tag, SharedValue<model::CheckDefinition>& value) {
  std::string_view bytes;
  if (!Bytes(tag, &bytes)) return;
  if (const auto* last = sharing_.LastDefinition(bytes)) {
    value = *last;
    return;
  }
  FieldReader fields(bytes, sharing_);
  model::CheckDefinition definition;
  DescribeDefinition(fields, definition);
  if (const char* error = fields.Finish()) return Fail(error);
  value = sharing_.pool().Share(SharedValue<model::CheckDefinition>(std::move(definition)));
  sharing_.KeepDefinition(bytes, value);
}

}  // namespace rollcall::store
