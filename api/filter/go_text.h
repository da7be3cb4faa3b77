// What Go's strconv does to literals: filters are written in Go's terms, and their errors quote
// values as Go does. Free functions without state: any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "registry/base/result.h"

namespace rollcall::api::filter {

// One character of a text: its code point and its size in bytes.
struct Rune {
  char32_t code = 0;
  size_t size = 0;
};

// The character at the start of `text`; nothing when `text` is empty or does not start with a
// character of well-formed UTF-8.
std::optional<Rune> FirstRune(std::string_view text);

// `text` in double quotes, escaped so that it is one line (Go's %q). Long texts are cut off with
// "..." behind the closing quote: an error repeats what is wrong, not all that was sent.
std::string Quote(std::string_view text);

// The text that a literal stands for: between double quotes with Go's escapes, or between back
// quotes as it is, carriage returns aside. `literal` includes its quotes. Nothing when an escape is
// wrong or a double-quoted literal spans lines.
std::optional<std::string> Unquote(std::string_view literal);

// ParseInt(text, 0, 64): decimal, 0x, 0o, 0b, a leading 0 for octal; _ between digits after a
// prefix. The error is worded as Go's.
Result<int64_t> ParseGoInt(std::string_view text);

// ParseBool: 1, t, T, TRUE, true, True and their opposites. The error is worded as Go's.
Result<bool> ParseGoBool(std::string_view text);

}  // namespace rollcall::api::filter
