// Points in time as Consul's API writes them: "2026-11-26T20:15:34.000000123Z". Any thread.
// Source: RFC 3339 section 5.6, in the form of Go's time.RFC3339Nano.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "registry/base/result.h"

namespace rollcall {

// Of the wall clock, without leap seconds.
using UtcTime = std::chrono::sys_time<std::chrono::nanoseconds>;

// Takes any offset from UTC; of a fraction the first nine digits count. kInvalidArgument for what
// has not that form, for days that the calendar has not, and for years before 1678 or after 2261,
// which UtcTime cannot hold.
Result<UtcTime> ParseRfc3339(std::string_view text);

// In UTC ("Z"), the fraction without zeros at its end.
std::string FormatRfc3339(UtcTime time);

}  // namespace rollcall
