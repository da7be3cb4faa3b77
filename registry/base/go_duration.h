// Durations as Go writes them, which is what Consul's API, definitions and configuration use:
// "300ms", "1.5s", "-2m", "1h15m30.918s", "0". Units: ns, us (or µs), ms, s, m, h.
// Source: the documentation of Go's time.ParseDuration and time.Duration.String.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "registry/base/result.h"

namespace rollcall {

// Fails with kInvalidArgument and Go's words: `time: invalid duration "abc"`,
// `time: missing unit in duration "10"`, `time: unknown unit "x" in duration "1x"`.
// A value outside of +-292 years is invalid.
Result<std::chrono::nanoseconds> ParseGoDuration(std::string_view text);

// "1m30s", "250ms", "1.5s", "0s".
std::string FormatGoDuration(std::chrono::nanoseconds duration);

}  // namespace rollcall
