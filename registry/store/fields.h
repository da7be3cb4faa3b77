// FieldWriter and FieldReader: a record as tagged fields, in the order of their tags (the grammar
// is in record_codec.cc). Both are given the same list of fields (record_codec.cc, Describe), so
// that what is written and what is read cannot drift apart:
//   f.Field(1, node.id);
//   f.Common(5, node.meta);
// A field is Common when many records say the same there; it is written like any other.
// Each belongs to the thread that made it.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "registry/base/index.h"
#include "registry/base/shared_value.h"
#include "registry/base/text.h"
#include "registry/model/records.h"
#include "registry/store/bytes.h"
#include "registry/store/sharing.h"

namespace rollcall::store {

enum class Wire : uint8_t { kVarint = 0, kBytes = 1 };

// A field that has its default value takes no room.
class FieldWriter {
 public:
  // Appends to `*out`, which must outlive the writer.
  explicit FieldWriter(std::string* out) : out_(out) {}

  void Field(uint64_t tag, const Text& value);
  void Field(uint64_t tag, bool value);
  void Field(uint64_t tag, Index value);
  void Count(uint64_t tag, uint64_t value);
  void Field(uint64_t tag, std::chrono::nanoseconds value);
  void Field(uint64_t tag, model::CheckStatus value);
  void Field(uint64_t tag, int value, int default_value);
  void Field(uint64_t tag, double value);
  void Field(uint64_t tag, std::span<const double> values);
  void Field(uint64_t tag, const model::FlatMap<TextList>& map);
  void Common(uint64_t tag, const Text& value) { Field(tag, value); }
  // The output of a check: common when it is short.
  void Output(uint64_t tag, const Text& value) { Field(tag, value); }
  void Common(uint64_t tag, const TextList& values);
  void Common(uint64_t tag, const model::StringMap& map);
  void Common(uint64_t tag, const SharedValue<model::CheckDefinition>& value);
  // Addresses by names that are common; some are likely to be `own`.
  void Addresses(uint64_t tag, const model::StringMap& map, const Text& own);
  void Addresses(uint64_t tag, const model::FlatMap<model::ServiceAddress>& map, const Text& own);

 private:
  void Number(uint64_t tag, uint64_t value);
  void Bytes(uint64_t tag, std::string_view value);

  std::string* out_;
};

// A field that is not there leaves its target as it was. Tags that the list does not name are
// skipped: a later minor version wrote them. After the first error nothing more is read.
class FieldReader {
 public:
  // `sharing` must outlive the reader.
  FieldReader(std::string_view bytes, Sharing& sharing) : reader_(bytes), sharing_(sharing) {
    Next();
  }

  void Field(uint64_t tag, Text& value);
  void Field(uint64_t tag, bool& value);
  void Field(uint64_t tag, Index& value);
  void Count(uint64_t tag, uint64_t& value);
  void Field(uint64_t tag, std::chrono::nanoseconds& value);
  void Field(uint64_t tag, model::CheckStatus& value);
  void Field(uint64_t tag, int& value, int default_value);
  void Field(uint64_t tag, double& value);
  void Field(uint64_t tag, std::span<double> values);
  void Field(uint64_t tag, model::FlatMap<TextList>& map);
  void Common(uint64_t tag, Text& value);
  void Output(uint64_t tag, Text& value);
  void Common(uint64_t tag, TextList& values);
  void Common(uint64_t tag, model::StringMap& map);
  void Common(uint64_t tag, SharedValue<model::CheckDefinition>& value);
  void Addresses(uint64_t tag, model::StringMap& map, const Text& own);
  void Addresses(uint64_t tag, model::FlatMap<model::ServiceAddress>& map, const Text& own);

  // Reads to the end; what was wrong, or null. To be called after the last Field.
  const char* Finish();

 private:
  // Whether the next field is `tag`; fields before it are skipped.
  bool At(uint64_t tag, Wire wire);
  void Next();
  void Skip();
  void Fail(const char* what);
  // The value of a field that may be there once; false when it is not there.
  bool Number(uint64_t tag, uint64_t* value);
  bool Bytes(uint64_t tag, std::string_view* value);
  // The value of one of a field's repetitions.
  bool OneOf(uint64_t tag, std::string_view* value);
  // `read_value(reader, value)` reads what follows a key; false when it cannot.
  template <typename Value, typename ReadValue>
  void Map(uint64_t tag, model::FlatMap<Value>& map, ReadValue read_value);

  // `own` when that is the address.
  Text AddressText(std::string_view text, const Text& own) const;

  ByteReader reader_;
  Sharing& sharing_;
  uint64_t tag_ = 0;  // of the field whose value comes next; 0 at the end
  Wire wire_ = Wire::kVarint;
  const char* error_ = nullptr;
};

}  // namespace rollcall::store
