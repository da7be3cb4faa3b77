#include "registry/store/etcd/log_format.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "registry/base/printable.h"

namespace rollcall::store {
namespace {

// 8-4-4-4-12
constexpr size_t kUuidSize = 36;
constexpr size_t kDashes[] = {8, 13, 18, 23};

bool IsDash(size_t place) {
  return std::find(std::begin(kDashes), std::end(kDashes), place) != std::end(kDashes);
}

bool IsUuid(std::string_view text) {
  if (text.size() != kUuidSize) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (IsDash(i) ? c != '-' : !is_hex) return false;
  }
  return true;
}

// 1 and above, written in one way.
std::optional<uint32_t> ParseNumber(std::string_view text) {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number == 0 || std::to_string(number) != text) return std::nullopt;
  return number;
}

}  // namespace

LogFormat LogFormat::Make(const std::function<uint64_t()>& random) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  LogFormat format;
  uint64_t bits = 0;
  for (size_t i = 0, left = 0; i < kUuidSize; ++i) {
    if (IsDash(i)) {
      format.uuid += '-';
      continue;
    }
    if (left == 0) {
      bits = random();
      left = 16;
    }
    format.uuid += kDigits[bits & 0xf];
    bits >>= 4;
    --left;
  }
  format.uuid[14] = '4';  // RFC 9562 section 5.4: at random
  format.uuid[19] = 'a';
  return format;
}

std::string LogFormat::Text() const { return std::to_string(number) + " " + uuid; }

Result<LogFormat> LogFormat::Parse(std::string_view text) {
  const size_t space = text.find(' ');
  const std::optional<uint32_t> number = ParseNumber(text.substr(0, space));
  if (number && *number > kNewestLogFormat) {
    return InvalidArgument("the log in etcd has format " + std::to_string(*number) +
                           ", made by a newer rollcall, and this one knows those up to " +
                           std::to_string(kNewestLogFormat) + ": upgrade this server");
  }
  if (number && space != std::string_view::npos && IsUuid(text.substr(space + 1))) {
    return LogFormat{std::string(text.substr(space + 1)), *number};
  }
  return InvalidArgument("what etcd has under this prefix is not rollcall's: its format is \"" +
                         FirstLine(text.substr(0, 64)) + "\"");
}

}  // namespace rollcall::store
