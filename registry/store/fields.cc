#include "registry/store/fields.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace rollcall::store {
namespace {

constexpr const char* kCutShort = "it ends in the middle of a field";
constexpr const char* kBadEntry = "an entry of a map or list does not fill its field";

constexpr size_t kDoubleBytes = 8;

void AppendDouble(std::string* out, double value) {
  auto bits = std::bit_cast<uint64_t>(value);
  for (size_t i = 0; i < kDoubleBytes; ++i, bits >>= 8) {
    out->push_back(static_cast<char>(bits & 0xff));
  }
}

// Precondition: there are kDoubleBytes of them.
double ReadDouble(std::string_view bytes) {
  uint64_t bits = 0;
  for (size_t i = kDoubleBytes; i-- > 0;) bits = bits << 8 | static_cast<unsigned char>(bytes[i]);
  return std::bit_cast<double>(bits);
}

bool ReadText(ByteReader& reader, Text* text) {
  std::string_view bytes;
  if (!reader.ReadString(&bytes)) return false;
  *text = bytes;
  return true;
}

bool ToInt(uint64_t zigzag, int* out) {
  const int64_t value = UnZigZag(zigzag);
  if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max()) {
    return false;
  }
  *out = static_cast<int>(value);
  return true;
}

bool ReadValue(ByteReader& reader, Text* value) { return ReadText(reader, value); }

bool ReadValue(ByteReader& reader, model::ServiceAddress* value) {
  uint64_t port = 0;
  return ReadText(reader, &value->address) && reader.ReadVarint(&port) && ToInt(port, &value->port);
}

bool ReadValue(ByteReader& reader, TextList* value) {
  std::vector<Text> list;
  while (!reader.empty()) {
    if (!ReadText(reader, &list.emplace_back())) return false;
  }
  *value = std::move(list);
  return true;
}

// One entry of a map.
template <typename Value>
bool ReadEntry(std::string_view bytes, std::pair<Text, Value>* entry) {
  ByteReader reader(bytes);
  return ReadText(reader, &entry->first) && ReadValue(reader, &entry->second) && reader.empty();
}

}  // namespace

void FieldWriter::Number(uint64_t tag, uint64_t value) {
  AppendVarint(out_, tag << 1 | static_cast<uint64_t>(Wire::kVarint));
  AppendVarint(out_, value);
}

void FieldWriter::Bytes(uint64_t tag, std::string_view value) {
  AppendVarint(out_, tag << 1 | static_cast<uint64_t>(Wire::kBytes));
  AppendString(out_, value);
}

void FieldWriter::Field(uint64_t tag, const Text& value) {
  if (!value.empty()) Bytes(tag, value);
}

void FieldWriter::Field(uint64_t tag, bool value) {
  if (value) Number(tag, 1);
}

void FieldWriter::Field(uint64_t tag, Index value) {
  if (value.is_set()) Number(tag, value.value());
}

void FieldWriter::Field(uint64_t tag, std::chrono::nanoseconds value) {
  if (value.count() != 0) Number(tag, ZigZag(value.count()));
}

// Always written: the record's default (critical) is not the number's (0).
void FieldWriter::Field(uint64_t tag, model::CheckStatus value) {
  Number(tag, static_cast<uint64_t>(value));
}

void FieldWriter::Field(uint64_t tag, int value, int default_value) {
  if (value != default_value) Number(tag, ZigZag(value));
}

void FieldWriter::Field(uint64_t tag, double value) {
  Field(tag, std::span<const double>(&value, 1));
}

void FieldWriter::Field(uint64_t tag, std::span<const double> values) {
  std::string bytes;
  for (const double value : values) AppendDouble(&bytes, value);
  const bool all_zero = std::all_of(bytes.begin(), bytes.end(), [](char c) { return c == 0; });
  if (!all_zero) Bytes(tag, bytes);
}

void FieldWriter::Field(uint64_t tag, const TextList& values) {
  for (const Text& value : values) Bytes(tag, value);
}

void FieldWriter::Field(uint64_t tag, const model::StringMap& map) {
  std::string entry;
  for (const auto& [key, value] : map) {
    entry.clear();
    AppendString(&entry, key);
    AppendString(&entry, value);
    Bytes(tag, entry);
  }
}

void FieldWriter::Field(uint64_t tag, const model::FlatMap<model::ServiceAddress>& map) {
  std::string entry;
  for (const auto& [key, value] : map) {
    entry.clear();
    AppendString(&entry, key);
    AppendString(&entry, value.address);
    AppendVarint(&entry, ZigZag(value.port));
    Bytes(tag, entry);
  }
}

void FieldWriter::Field(uint64_t tag, const model::FlatMap<TextList>& map) {
  std::string entry;
  for (const auto& [key, values] : map) {
    entry.clear();
    AppendString(&entry, key);
    for (const Text& value : values) AppendString(&entry, value);
    Bytes(tag, entry);
  }
}

void FieldReader::Fail(const char* what) {
  error_ = what;
  tag_ = 0;
}

void FieldReader::Next() {
  if (error_ != nullptr || reader_.empty()) {
    tag_ = 0;
    return;
  }
  uint64_t head = 0;
  if (!reader_.ReadVarint(&head)) return Fail(kCutShort);
  const uint64_t tag = head >> 1;
  if (tag == 0 || tag < tag_) return Fail("its fields are out of order");
  tag_ = tag;
  wire_ = static_cast<Wire>(head & 1);
}

void FieldReader::Skip() {
  uint64_t number = 0;
  std::string_view bytes;
  if (wire_ == Wire::kVarint ? !reader_.ReadVarint(&number) : !reader_.ReadString(&bytes)) {
    return Fail(kCutShort);
  }
  Next();
}

bool FieldReader::At(uint64_t tag, Wire wire) {
  while (tag_ != 0 && tag_ < tag) Skip();
  if (tag_ != tag) return false;
  if (wire_ == wire) return true;
  Fail("a field has the wrong type");
  return false;
}

bool FieldReader::Number(uint64_t tag, uint64_t* value) {
  if (!At(tag, Wire::kVarint)) return false;
  if (!reader_.ReadVarint(value)) return Fail(kCutShort), false;
  Next();
  if (tag_ == tag) return Fail("a field is there twice"), false;
  return true;
}

bool FieldReader::OneOf(uint64_t tag, std::string_view* value) {
  if (!At(tag, Wire::kBytes)) return false;
  if (!reader_.ReadString(value)) return Fail(kCutShort), false;
  Next();
  return true;
}

bool FieldReader::Bytes(uint64_t tag, std::string_view* value) {
  if (!OneOf(tag, value)) return false;
  if (tag_ == tag) return Fail("a field is there twice"), false;
  return true;
}

void FieldReader::Field(uint64_t tag, Text& value) {
  std::string_view bytes;
  if (Bytes(tag, &bytes)) value = bytes;
}

void FieldReader::Field(uint64_t tag, bool& value) {
  uint64_t number = 0;
  if (!Number(tag, &number)) return;
  if (number > 1) return Fail("a truth value is neither 0 nor 1");
  value = number == 1;
}

void FieldReader::Field(uint64_t tag, Index& value) {
  uint64_t number = 0;
  if (Number(tag, &number)) value = Index(number);
}

void FieldReader::Field(uint64_t tag, std::chrono::nanoseconds& value) {
  uint64_t number = 0;
  if (Number(tag, &number)) value = std::chrono::nanoseconds(UnZigZag(number));
}

void FieldReader::Field(uint64_t tag, model::CheckStatus& value) {
  uint64_t number = 0;
  if (!Number(tag, &number)) return;
  if (number > static_cast<uint64_t>(model::CheckStatus::kCritical)) {
    return Fail("it has no status that is known");
  }
  value = static_cast<model::CheckStatus>(number);
}

void FieldReader::Field(uint64_t tag, int& value, int /*default_value*/) {
  uint64_t number = 0;
  if (Number(tag, &number) && !ToInt(number, &value)) Fail("a number is out of range");
}

void FieldReader::Field(uint64_t tag, double& value) { Field(tag, std::span<double>(&value, 1)); }

void FieldReader::Field(uint64_t tag, std::span<double> values) {
  std::string_view bytes;
  if (!Bytes(tag, &bytes)) return;
  if (bytes.size() != values.size() * kDoubleBytes) {
    return Fail("it has another count of numbers than is known");
  }
  for (double& value : values) {
    value = ReadDouble(bytes);
    if (!std::isfinite(value)) return Fail("a number is not finite");
    bytes.remove_prefix(kDoubleBytes);
  }
}

void FieldReader::Field(uint64_t tag, TextList& values) {
  std::string_view bytes;
  std::vector<Text> list;
  while (OneOf(tag, &bytes)) list.emplace_back(bytes);
  if (!list.empty()) values = std::move(list);
}

template <typename Value>
void FieldReader::Map(uint64_t tag, model::FlatMap<Value>& map) {
  std::string_view bytes;
  std::vector<std::pair<Text, Value>> entries;
  while (OneOf(tag, &bytes)) {
    if (!ReadEntry(bytes, &entries.emplace_back())) return Fail(kBadEntry);
  }
  if (!entries.empty()) map = std::move(entries);
}

void FieldReader::Field(uint64_t tag, model::StringMap& map) { Map(tag, map); }

void FieldReader::Field(uint64_t tag, model::FlatMap<model::ServiceAddress>& map) { Map(tag, map); }

void FieldReader::Field(uint64_t tag, model::FlatMap<TextList>& map) { Map(tag, map); }

const char* FieldReader::Finish() {
  while (tag_ != 0) Skip();
  return error_;
}

}  // namespace rollcall::store
