#include "agent/probe/grpc_health.h"

#include <array>
#include <optional>

namespace rollcall::probe {
namespace {

enum WireType : unsigned { kVarint = 0, kFixed64 = 1, kDelimited = 2, kFixed32 = 5 };

constexpr unsigned kServiceTag = 1U << 3 | kDelimited;
constexpr size_t kPrefixSize = 5;
constexpr size_t kMaxVarintSize = 10;

void AppendVarint(uint64_t value, std::string* out) {
  for (; value >= 0x80; value >>= 7) *out += static_cast<char>((value & 0x7f) | 0x80);
  *out += static_cast<char>(value);
}

void AppendBigEndian32(size_t value, std::string* out) {
  for (int shift = 24; shift >= 0; shift -= 8) *out += static_cast<char>((value >> shift) & 0xff);
}

uint32_t ReadBigEndian32(std::string_view bytes) {
  uint32_t value = 0;
  for (const char byte : bytes.substr(0, 4)) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

// What is left of a message. Each step takes bytes from the front, or says that they are not there.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  bool at_end() const { return rest_.empty(); }

  std::optional<uint64_t> Varint() {
    uint64_t value = 0;
    for (size_t i = 0; i < kMaxVarintSize && i < rest_.size(); ++i) {
      const auto byte = static_cast<unsigned char>(rest_[i]);
      // The tenth byte has room for the 64th bit alone.
      if (i == kMaxVarintSize - 1 && byte > 1) return std::nullopt;
      value |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
      if (byte < 0x80) {
        rest_.remove_prefix(i + 1);
        return value;
      }
    }
    return std::nullopt;
  }

  bool Skip(uint64_t size) {
    if (size > rest_.size()) return false;
    rest_.remove_prefix(static_cast<size_t>(size));
    return true;
  }

  bool SkipValue(uint64_t wire_type) {
    switch (wire_type) {
      case kVarint:
        return Varint().has_value();
      case kFixed64:
        return Skip(8);
      case kDelimited: {
        const std::optional<uint64_t> size = Varint();
        return size && Skip(*size);
      }
      case kFixed32:
        return Skip(4);
      default:
        return false;  // 3 and 4 are the groups of old, 6 and 7 are nothing
    }
  }

 private:
  std::string_view rest_;
};

Error Malformed() { return Corruption("the answer is not a HealthCheckResponse"); }

Result<uint64_t> ReadStatus(std::string_view fields) {
  uint64_t status = 0;
  for (Reader reader(fields); !reader.at_end();) {
    const std::optional<uint64_t> tag = reader.Varint();
    if (!tag) return Malformed();
    const uint64_t number = *tag >> 3;
    const uint64_t wire_type = *tag & 7;
    if (number == 0 || number >= 1U << 29) return Malformed();
    if (number == 1 && wire_type == kVarint) {
      const std::optional<uint64_t> value = reader.Varint();
      if (!value) return Malformed();
      status = *value;
    } else if (!reader.SkipValue(wire_type)) {
      return Malformed();
    }
  }
  return status;
}

}  // namespace

std::string HealthCheckRequest(std::string_view service) {
  std::string fields;
  if (!service.empty()) {
    AppendVarint(kServiceTag, &fields);
    AppendVarint(service.size(), &fields);
    fields += service;
  }
  std::string body(1, '\0');
  AppendBigEndian32(fields.size(), &body);
  return body + fields;
}

Result<uint64_t> ReadHealthCheckResponse(std::string_view body) {
  if (body.empty()) return Corruption("the answer has no message");
  if (body.size() < kPrefixSize) return Corruption("the answer's message is cut short");
  if (body[0] != 0) return Corruption("the answer is compressed, which was not asked for");
  const uint32_t size = ReadBigEndian32(body.substr(1));
  const std::string_view rest = body.substr(kPrefixSize);
  if (rest.size() < size) return Corruption("the answer's message is cut short");
  if (rest.size() > size) return Corruption("the answer is more than one message");
  return ReadStatus(rest);
}

std::string ServingStatusName(uint64_t status) {
  static constexpr std::array kNames = {"UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"};
  return status < kNames.size() ? kNames[static_cast<size_t>(status)]
                                : "status " + std::to_string(status);
}

}  // namespace rollcall::probe
