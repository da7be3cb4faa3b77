// The bytes of the catalog's records on disk: their keys and values. The grammar is at the top of
// record_codec.cc. Functions without state: any thread may call them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "registry/base/result.h"
#include "registry/model/records.h"

namespace rollcall::store {

class Sharing;

enum class RecordKind : uint8_t { kNode, kInstance, kCheck, kCoordinate, kAcl };

// The first byte of every value.
inline constexpr uint8_t kRecordVersion = 1;

// Keys sort (as bytes) as identities do (without regard to ASCII case): by node, then by ID.
// Two identities have the same key only when they are the same. Names may hold any byte.
std::string NodeKey(std::string_view name);
std::string InstanceKey(std::string_view node, std::string_view id);
std::string CheckKey(std::string_view node, std::string_view check_id);
std::string CoordinateKey(std::string_view node, std::string_view segment);
// As if it were of a node without a name: before all others.
std::string AclKey(model::AclKind kind, std::string_view id);

// Which node a key is of: the same bytes in the keys of all its records, and ordered as nodes are.
// A part of the key, or of `*scratch`.
std::string_view NodePartOf(RecordKind kind, std::string_view key, std::string* scratch);

inline std::string KeyOf(const model::Node& node) { return NodeKey(node.name); }
inline std::string KeyOf(const model::Instance& i) { return InstanceKey(i.node, i.id); }
inline std::string KeyOf(const model::Check& check) { return CheckKey(check.node, check.check_id); }
inline std::string KeyOf(const model::Coordinate& c) { return CoordinateKey(c.node, c.segment); }
inline std::string KeyOf(const model::AclObject& object) { return AclKey(object.kind, object.id); }

std::string EncodeNode(const model::Node& node);
std::string EncodeInstance(const model::Instance& instance);
std::string EncodeCheck(const model::Check& check);
std::string EncodeCoordinate(const model::Coordinate& coordinate);
std::string EncodeAcl(const model::AclObject& object);

// Gives these indexes to the encoded value of a record that has none.
void AppendIndexes(RecordKind kind, Index created, Index modified, std::string* value);

// Errors are kCorruption and name the record: a value that no Encode function wrote, one of another
// version, or one whose identity is not that of its key.
Result<model::Node> DecodeNode(std::string_view key, std::string_view value, Sharing& sharing);
Result<model::Instance> DecodeInstance(std::string_view key, std::string_view value,
                                       Sharing& sharing);
Result<model::Check> DecodeCheck(std::string_view key, std::string_view value, Sharing& sharing);
Result<model::Coordinate> DecodeCoordinate(std::string_view key, std::string_view value,
                                           Sharing& sharing);
Result<model::AclObject> DecodeAcl(std::string_view key, std::string_view value, Sharing& sharing);

// The same of a value that is kept without its key (snapshot_block.h). Errors say what is wrong
// with it ("it is empty"), and not which record it is.
Result<model::Node> DecodeNodeValue(std::string_view value, Sharing& sharing);
Result<model::Instance> DecodeInstanceValue(std::string_view value, Sharing& sharing);
Result<model::Check> DecodeCheckValue(std::string_view value, Sharing& sharing);
Result<model::Coordinate> DecodeCoordinateValue(std::string_view value, Sharing& sharing);

// A key for a person to read: its parts in quotes, bytes that are not printable ASCII as \xNN.
std::string PrintableKey(std::string_view key);

}  // namespace rollcall::store
