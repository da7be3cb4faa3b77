#include "registry/store/fields.h"

#include <algorithm>
#include <bit>
#include <boost/container/small_vector.hpp>
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

bool ToInt(uint64_t zigzag, int* out) {
  const int64_t value = UnZigZag(zigzag);
  if (value < std::numeric_limits<int>::min() || value > std::numeric_limits<int>::max()) {
    return false;
  }
  *out = static_cast<int>(value);
  return true;
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

void FieldWriter::Count(uint64_t tag, uint64_t value) {
  if (value != 0) Number(tag, value);
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

void FieldWriter::Common(uint64_t tag, const TextList& values) {
  for (const Text& value : values) Bytes(tag, value);
}

void FieldWriter::Common(uint64_t tag, const model::StringMap& map) {
  std::string entry;
  for (const auto& [key, value] : map) {
    entry.clear();
    AppendString(&entry, key);
    AppendString(&entry, value);
    Bytes(tag, entry);
  }
}

void FieldWriter::Addresses(uint64_t tag, const model::StringMap& map, const Text& /*own*/) {
  Common(tag, map);
}

void FieldWriter::Addresses(uint64_t tag, const model::FlatMap<model::ServiceAddress>& map,
                            const Text& /*own*/) {
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
  if (Bytes(tag, &bytes)) value = sharing_.Own(bytes);
}

void FieldReader::Common(uint64_t tag, Text& value) {
  std::string_view bytes;
  if (Bytes(tag, &bytes)) value = sharing_.Common(bytes);
}

void FieldReader::Output(uint64_t tag, Text& value) {
  std::string_view bytes;
  if (Bytes(tag, &bytes)) value = sharing_.pool().ShareOutput(bytes);
}

Text FieldReader::AddressText(std::string_view text, const Text& own) const {
  return own == text ? own : sharing_.Own(text);
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

void FieldReader::Count(uint64_t tag, uint64_t& value) { Number(tag, &value); }

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

void FieldReader::Common(uint64_t tag, TextList& values) {
  std::string_view bytes;
  boost::container::small_vector<std::string_view, 16> list;
  while (OneOf(tag, &bytes)) list.push_back(bytes);
  if (!list.empty()) values = sharing_.pool().Share(std::span<const std::string_view>(list));
}

void FieldReader::Common(uint64_t tag, model::StringMap& map) {
  std::string_view bytes;
  using Pair = std::pair<std::string_view, std::string_view>;
  boost::container::small_vector<Pair, 16> entries;
  while (OneOf(tag, &bytes)) {
    ByteReader entry(bytes);
    Pair& pair = entries.emplace_back();
    if (!entry.ReadString(&pair.first) || !entry.ReadString(&pair.second) || !entry.empty()) {
      return Fail(kBadEntry);
    }
  }
  if (!entries.empty()) map = sharing_.pool().Share(std::span<const Pair>(entries));
}

template <typename Value, typename ReadValue>
void FieldReader::Map(uint64_t tag, model::FlatMap<Value>& map, ReadValue read_value) {
  std::string_view bytes;
  std::vector<std::pair<Text, Value>> entries;
  while (OneOf(tag, &bytes)) {
    ByteReader entry(bytes);
    std::string_view key;
    if (!entry.ReadString(&key)) return Fail(kBadEntry);
    auto& [name, value] = entries.emplace_back(sharing_.Common(key), Value());
    if (!read_value(entry, &value) || !entry.empty()) return Fail(kBadEntry);
  }
  if (!entries.empty()) map = std::move(entries);
}

void FieldReader::Addresses(uint64_t tag, model::StringMap& map, const Text& own) {
  Map(tag, map, [this, &own](ByteReader& entry, Text* value) {
    std::string_view address;
    if (!entry.ReadString(&address)) return false;
    *value = AddressText(address, own);
    return true;
  });
}

void FieldReader::Addresses(uint64_t tag, model::FlatMap<model::ServiceAddress>& map,
                            const Text& own) {
  Map(tag, map, [this, &own](ByteReader& entry, model::ServiceAddress* value) {
    std::string_view address;
    uint64_t port = 0;
    if (!entry.ReadString(&address) || !entry.ReadVarint(&port)) return false;
    value->address = AddressText(address, own);
    return ToInt(port, &value->port);
  });
}

void FieldReader::Field(uint64_t tag, model::FlatMap<TextList>& map) {
  Map(tag, map, [](ByteReader& entry, TextList* value) {
    std::string_view bytes;
    std::vector<Text> list;
    while (!entry.empty()) {
      if (!entry.ReadString(&bytes)) return false;
      list.emplace_back(bytes);
    }
    *value = std::move(list);
    return true;
  });
}

const char* FieldReader::Finish() {
  while (tag_ != 0) Skip();
  return error_;
}

}  // namespace rollcall::store
