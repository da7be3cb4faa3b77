#include "registry/base/rfc3339.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <optional>

#include "registry/base/printable.h"

namespace rollcall {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr int kFirstYear = 1678;
constexpr int kLastYear = 2261;
constexpr size_t kFractionDigits = 9;

bool IsTimeDigit(char c) { return c >= '0' && c <= '9'; }

// Takes a text apart from its front. The first thing that is not there makes all of it wrong.
class TimeScanner {
 public:
  explicit TimeScanner(std::string_view text) : text_(text) {}

  // Exactly `count` digits.
  int Number(size_t count) {
    int number = 0;
    for (size_t i = 0; i < count; ++i) {
      if (text_.empty() || !IsTimeDigit(text_.front())) return ok_ = false, 0;
      number = number * 10 + (text_.front() - '0');
      text_.remove_prefix(1);
    }
    return number;
  }

  bool Skip(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  void Expect(char c) { ok_ = Skip(c) && ok_; }

  nanoseconds Fraction() {
    if (!Skip('.')) return nanoseconds(0);
    int64_t number = 0;
    size_t digits = 0;
    for (; !text_.empty() && IsTimeDigit(text_.front()); text_.remove_prefix(1), ++digits) {
      if (digits < kFractionDigits) number = number * 10 + (text_.front() - '0');
    }
    if (digits == 0) ok_ = false;
    for (; digits < kFractionDigits; ++digits) number *= 10;
    return nanoseconds(number);
  }

  minutes Offset() {
    if (Skip('Z')) return minutes(0);
    const bool is_behind = Skip('-');
    if (!is_behind) Expect('+');
    const int hour = Number(2);
    Expect(':');
    const int minute = Number(2);
    if (hour > 23 || minute > 59) ok_ = false;
    const minutes offset = hours(hour) + minutes(minute);
    return is_behind ? -offset : offset;
  }

  bool IsWhole() const { return ok_ && text_.empty(); }

 private:
  std::string_view text_;
  bool ok_ = true;
};

std::optional<UtcTime> ScanTime(std::string_view text) {
  TimeScanner scanner(text);
  const int year = scanner.Number(4);
  scanner.Expect('-');
  const int month = scanner.Number(2);
  scanner.Expect('-');
  const int day = scanner.Number(2);
  scanner.Expect('T');
  const int hour = scanner.Number(2);
  scanner.Expect(':');
  const int minute = scanner.Number(2);
  scanner.Expect(':');
  const int second = scanner.Number(2);
  const nanoseconds fraction = scanner.Fraction();
  const minutes offset = scanner.Offset();
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!scanner.IsWhole() || !date.ok() || hour > 23 || minute > 59 || second > 59) return {};
  if (year < kFirstYear || year > kLastYear) return {};
  return UtcTime(std::chrono::sys_days(date)) + hours(hour) + minutes(minute) + seconds(second) +
         fraction - offset;
}

}  // namespace

Result<UtcTime> ParseRfc3339(std::string_view text) {
  if (const std::optional<UtcTime> time = ScanTime(text)) return *time;
  return InvalidArgument("invalid time \"" + Printable(text.substr(0, 60)) +
                         "\": expected one such as \"2026-11-26T20:15:34Z\", of the years " +
                         std::to_string(kFirstYear) + " to " + std::to_string(kLastYear));
}

std::string FormatRfc3339(UtcTime time) {
  // Taken apart as a number: the first second that UtcTime touches begins before UtcTime::min().
  constexpr int64_t kPerSecond = 1'000'000'000;
  const int64_t count = time.time_since_epoch().count();
  const int64_t fraction = (count % kPerSecond + kPerSecond) % kPerSecond;
  const int64_t whole = count / kPerSecond - (count % kPerSecond < 0 ? 1 : 0);
  const std::chrono::sys_seconds second{seconds(whole)};
  const auto day = floor<days>(second);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<seconds> clock(second - day);
  std::array<char, 64> buffer{};
  const int size =
      std::snprintf(buffer.data(), buffer.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%09d",
                    static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                    static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                    static_cast<int>(clock.minutes().count()),
                    static_cast<int>(clock.seconds().count()), static_cast<int>(fraction));
  std::string text(buffer.data(), static_cast<size_t>(size));
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text + 'Z';
}

}  // namespace rollcall
