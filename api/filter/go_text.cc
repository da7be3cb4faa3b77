#include "api/filter/go_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <limits>
#include <system_error>

namespace rollcall::api::filter {
namespace {

constexpr size_t kMaxQuoted = 200;
constexpr char32_t kMaxRune = 0x10FFFF;

bool IsSurrogate(char32_t code) { return code >= 0xD800 && code <= 0xDFFF; }

void AppendUtf8(char32_t code, std::string* out) {
  const auto tail = [&](int shift) {
    out->push_back(static_cast<char>(0x80 | ((code >> shift) & 0x3F)));
  };
  if (code < 0x80) {
    out->push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out->push_back(static_cast<char>(0xC0 | (code >> 6)));
    tail(0);
  } else if (code < 0x10000) {
    out->push_back(static_cast<char>(0xE0 | (code >> 12)));
    tail(6);
    tail(0);
  } else {
    out->push_back(static_cast<char>(0xF0 | (code >> 18)));
    tail(12);
    tail(6);
    tail(0);
  }
}

struct Escape {
  char letter;
  char stands_for;
};
constexpr std::array kEscapes = {Escape{'a', '\a'}, Escape{'b', '\b'}, Escape{'f', '\f'},
                                 Escape{'n', '\n'}, Escape{'r', '\r'}, Escape{'t', '\t'},
                                 Escape{'v', '\v'}, Escape{'\\', '\\'}};

// Characters that end a line or cannot be seen; every other one is shown as it is.
bool IsPrintable(char32_t code) {
  return code >= 0x20 && (code < 0x7F || code > 0x9F) && code != 0x2028 && code != 0x2029 &&
         code != 0xFEFF;
}

void AppendHex(const char* format, unsigned value, std::string* out) {
  std::array<char, 16> buffer;
  const int size = std::snprintf(buffer.data(), buffer.size(), format, value);
  out->append(buffer.data(), static_cast<size_t>(size));
}

void AppendQuoted(const Rune& rune, std::string_view bytes, std::string* out) {
  const auto* const escape = std::find_if(kEscapes.begin(), kEscapes.end(), [&](const Escape& e) {
    return rune.size == 1 && e.stands_for == bytes.front();
  });
  if (rune.code == '"') {
    *out += "\\\"";
  } else if (escape != kEscapes.end()) {
    out->push_back('\\');
    out->push_back(escape->letter);
  } else if (IsPrintable(rune.code)) {
    *out += bytes;
  } else if (rune.code < 0x80) {
    AppendHex("\\x%02x", static_cast<unsigned>(rune.code), out);
  } else {
    AppendHex("\\u%04x", static_cast<unsigned>(rune.code), out);
  }
}

// Takes `count` digits of `base` from the front of `*rest`.
std::optional<char32_t> TakeDigits(size_t count, int base, std::string_view* rest) {
  if (rest->size() < count) return std::nullopt;
  uint32_t value = 0;
  const char* const end = rest->data() + count;
  const auto [stop, error] = std::from_chars(rest->data(), end, value, base);
  if (error != std::errc() || stop != end) return std::nullopt;
  rest->remove_prefix(count);
  return value;
}

// `*rest` begins behind a backslash. False when no escape begins there.
bool Unescape(std::string_view* rest, std::string* out) {
  if (rest->empty()) return false;
  const char letter = rest->front();
  for (const Escape& escape : kEscapes) {
    if (escape.letter == letter) {
      rest->remove_prefix(1);
      out->push_back(escape.stands_for);
      return true;
    }
  }
  const bool octal = letter >= '0' && letter <= '7';
  if (!octal) rest->remove_prefix(1);
  std::optional<char32_t> code;
  if (octal) {
    code = TakeDigits(3, 8, rest);
  } else if (letter == 'x') {
    code = TakeDigits(2, 16, rest);
  } else if (letter == 'u') {
    code = TakeDigits(4, 16, rest);
  } else if (letter == 'U') {
    code = TakeDigits(8, 16, rest);
  }
  if (!code) return false;
  if (octal || letter == 'x') {  // a byte, not a character
    if (*code > 0xFF) return false;
    out->push_back(static_cast<char>(*code));
    return true;
  }
  if (*code > kMaxRune || IsSurrogate(*code)) return false;
  AppendUtf8(*code, out);
  return true;
}

Error NotParsed(std::string_view function, std::string_view text, std::string_view why) {
  return InvalidArgument("strconv." + std::string(function) + ": parsing " + Quote(text) + ": " +
                         std::string(why));
}

// Takes the prefix of `*digits` that names its base.
int TakeBase(std::string_view* digits) {
  if (digits->size() < 2 || digits->front() != '0') return 10;
  const char letter = static_cast<char>((*digits)[1] | 0x20);
  const int base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
  digits->remove_prefix(base == 0 ? 1 : 2);
  return base == 0 ? 8 : base;
}

// Whether each _ stands between two digits or between the prefix and a digit.
bool UnderscoresAreFine(std::string_view digits) {
  bool after_underscore = false;
  for (const char c : digits) {
    if (c == '_' && after_underscore) return false;
    after_underscore = c == '_';
  }
  return !after_underscore;
}

}  // namespace

std::optional<Rune> FirstRune(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return Rune{lead, 1};
  const size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return std::nullopt;
  char32_t code = lead & (0x7FU >> size);
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return std::nullopt;
    code = (code << 6) | (byte(i) & 0x3FU);
  }
  constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  if (code < kLeast[size] || code > kMaxRune || IsSurrogate(code)) return std::nullopt;
  return Rune{code, size};
}

std::string Quote(std::string_view text) {
  std::string out = "\"";
  size_t done = 0;
  while (done < text.size() && done < kMaxQuoted) {
    const std::string_view rest = text.substr(done);
    if (const auto rune = FirstRune(rest)) {
      AppendQuoted(*rune, rest.substr(0, rune->size), &out);
      done += rune->size;
    } else {
      AppendHex("\\x%02x", static_cast<unsigned char>(rest.front()), &out);
      ++done;
    }
  }
  out += done < text.size() ? "\"..." : "\"";
  return out;
}

std::optional<std::string> Unquote(std::string_view literal) {
  if (literal.size() < 2 || literal.front() != literal.back()) return std::nullopt;
  const bool raw = literal.front() == '`';
  std::string_view rest = literal.substr(1, literal.size() - 2);
  std::string out;
  out.reserve(rest.size());
  while (!rest.empty()) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (raw) {
      if (c != '\r') out.push_back(c);
    } else if (c == '\\') {
      if (!Unescape(&rest, &out)) return std::nullopt;
    } else if (c == '\n') {
      return std::nullopt;
    } else {
      out.push_back(c);
    }
  }
  return out;
}

Result<int64_t> ParseGoInt(std::string_view text) {
  constexpr std::string_view kFunction = "ParseInt";
  const Error bad_syntax = NotParsed(kFunction, text, "invalid syntax");
  std::string_view digits = text;
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.remove_prefix(1);
  const std::string_view whole = digits;
  const int base = TakeBase(&digits);
  std::string plain;
  for (const char c : digits) {
    if (c != '_') plain.push_back(c);
  }
  if (plain.size() != digits.size()) {
    const bool prefixed = digits.size() < whole.size();
    if (!prefixed || !UnderscoresAreFine(digits)) return bad_syntax;
  }
  if (plain.empty()) return bad_syntax;
  uint64_t value = 0;
  const char* const end = plain.data() + plain.size();
  const auto [stop, error] = std::from_chars(plain.data(), end, value, base);
  if (error == std::errc::invalid_argument || stop != end) return bad_syntax;
  constexpr auto kMax = static_cast<uint64_t>(std::numeric_limits<int64_t>::max());
  if (error != std::errc() || value > kMax + (negative ? 1 : 0)) {
    return NotParsed(kFunction, text, "value out of range");
  }
  return static_cast<int64_t>(negative ? 0 - value : value);
}

Result<bool> ParseGoBool(std::string_view text) {
  constexpr std::array<std::string_view, 6> kTrue = {"1", "t", "T", "TRUE", "true", "True"};
  constexpr std::array<std::string_view, 6> kFalse = {"0", "f", "F", "FALSE", "false", "False"};
  if (std::find(kTrue.begin(), kTrue.end(), text) != kTrue.end()) return true;
  if (std::find(kFalse.begin(), kFalse.end(), text) != kFalse.end()) return false;
  return NotParsed("ParseBool", text, "invalid syntax");
}

}  // namespace rollcall::api::filter
