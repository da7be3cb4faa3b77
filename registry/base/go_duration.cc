#include "registry/base/go_duration.h"

#include <cstdint>
#include <optional>

namespace rollcall {
namespace {

constexpr uint64_t kMaxNanoseconds = uint64_t{1} << 63;  // the magnitude of the most negative one

struct Unit {
  std::string_view name;
  uint64_t nanoseconds;
};

constexpr Unit kUnits[] = {
    {"ns", 1},         {"us", 1'000},        {"\u00b5s", 1'000},    {"\u03bcs", 1'000},
    {"ms", 1'000'000}, {"s", 1'000'000'000}, {"m", 60'000'000'000}, {"h", 3'600'000'000'000},
};

std::optional<uint64_t> FindUnit(std::string_view name) {
  for (const Unit& unit : kUnits) {
    if (unit.name == name) return unit.nanoseconds;
  }
  return std::nullopt;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

Error Invalid(std::string_view text) {
  return InvalidArgument("time: invalid duration \"" + std::string(text) + "\"");
}

// A run of digits before the point: its value; nullopt when it does not fit.
std::optional<uint64_t> TakeInteger(std::string_view& rest) {
  uint64_t value = 0;
  while (!rest.empty() && IsDigit(rest.front())) {
    if (value > kMaxNanoseconds / 10) return std::nullopt;
    value = value * 10 + static_cast<uint64_t>(rest.front() - '0');
    rest.remove_prefix(1);
  }
  return value;
}

struct Fraction {
  uint64_t digits = 0;
  double scale = 1;
};

// A run of digits after the point; digits beyond what 64 bits hold do not change the result.
Fraction TakeFraction(std::string_view& rest) {
  Fraction fraction;
  bool full = false;
  for (; !rest.empty() && IsDigit(rest.front()); rest.remove_prefix(1)) {
    if (full || fraction.digits > (kMaxNanoseconds - 10) / 10) {
      full = true;
      continue;
    }
    fraction.digits = fraction.digits * 10 + static_cast<uint64_t>(rest.front() - '0');
    fraction.scale *= 10;
  }
  return fraction;
}

std::string Trimmed(uint64_t value, uint64_t unit) {
  std::string text = std::to_string(value / unit);
  uint64_t rest = value % unit;
  if (rest == 0) return text;
  text += '.';
  for (uint64_t place = unit / 10; rest != 0; place /= 10) {
    text += static_cast<char>('0' + rest / place);
    rest %= place;
  }
  return text;
}

}  // namespace

Result<std::chrono::nanoseconds> ParseGoDuration(std::string_view text) {
  std::string_view rest = text;
  const bool negative = !rest.empty() && rest.front() == '-';
  if (!rest.empty() && (rest.front() == '-' || rest.front() == '+')) rest.remove_prefix(1);
  if (rest == "0") return std::chrono::nanoseconds(0);
  if (rest.empty()) return Invalid(text);

  uint64_t total = 0;
  while (!rest.empty()) {
    if (!IsDigit(rest.front()) && rest.front() != '.') return Invalid(text);
    const size_t before = rest.size();
    const std::optional<uint64_t> whole = TakeInteger(rest);
    if (!whole) return Invalid(text);
    const bool has_whole = rest.size() != before;

    Fraction fraction;
    bool has_fraction = false;
    if (!rest.empty() && rest.front() == '.') {
      rest.remove_prefix(1);
      const size_t at = rest.size();
      fraction = TakeFraction(rest);
      has_fraction = rest.size() != at;
    }
    if (!has_whole && !has_fraction) return Invalid(text);

    size_t unit_size = 0;
    while (unit_size < rest.size() && rest[unit_size] != '.' && !IsDigit(rest[unit_size])) {
      ++unit_size;
    }
    const std::string quoted = " duration \"" + std::string(text) + "\"";
    if (unit_size == 0) return InvalidArgument("time: missing unit in" + quoted);
    const std::string_view name = rest.substr(0, unit_size);
    rest.remove_prefix(unit_size);
    const std::optional<uint64_t> unit = FindUnit(name);
    if (!unit)
      return InvalidArgument("time: unknown unit \"" + std::string(name) + "\" in" + quoted);

    if (*whole > kMaxNanoseconds / *unit) return Invalid(text);
    const uint64_t part =
        *whole * *unit + static_cast<uint64_t>(static_cast<double>(fraction.digits) *
                                               (static_cast<double>(*unit) / fraction.scale));
    if (part > kMaxNanoseconds || total > kMaxNanoseconds - part) return Invalid(text);
    total += part;
  }
  if (negative) return std::chrono::nanoseconds(static_cast<int64_t>(0 - total));
  if (total > kMaxNanoseconds - 1) return Invalid(text);
  return std::chrono::nanoseconds(static_cast<int64_t>(total));
}

std::string FormatGoDuration(std::chrono::nanoseconds duration) {
  const bool negative = duration.count() < 0;
  const uint64_t count = static_cast<uint64_t>(duration.count());
  const uint64_t value = negative ? 0 - count : count;
  std::string text = negative ? "-" : "";
  constexpr uint64_t kSecond = 1'000'000'000;
  if (value == 0) return "0s";
  if (value < 1'000) return text + Trimmed(value, 1) + "ns";
  if (value < 1'000'000) return text + Trimmed(value, 1'000) + "\u00b5s";
  if (value < kSecond) return text + Trimmed(value, 1'000'000) + "ms";
  const uint64_t minutes = value / (60 * kSecond);
  if (minutes >= 60) text += std::to_string(minutes / 60) + "h";
  if (minutes > 0) text += std::to_string(minutes % 60) + "m";
  return text + Trimmed(value % (60 * kSecond), kSecond) + "s";
}

}  // namespace rollcall
