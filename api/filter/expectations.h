// Expectations: what could have stood at the furthest position that a parser reached. Every token
// that was tried and was not there is noted; those at the furthest position are the syntax error.
// Used by one thread, within one parse.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace rollcall::api::filter {

// In the order in which errors list them: by their text, the end last.
enum class Token : uint8_t {
  kNotEqual,
  kOpen,
  kClose,
  kMinus,
  kDot,
  kZero,
  kEqual,
  kOpenIndex,
  kQuote,
  kCloseIndex,
  kBackQuote,
  kAnd,
  kContains,
  kEmpty,
  kIn,
  kIs,
  kMatches,
  kNot,
  kOr,
  kSpace,
  kDigit,
  kDigitButZero,
  kNameCharacter,
  kLetter,
  kEnd,
};

// The characters of a token that is one fixed text; empty for the others.
std::string_view TextOf(Token token);

class Expectations {
 public:
  // `token` was looked for at `offset` and was not there.
  void Note(Token token, size_t offset) {
    if (offset < offset_) return;
    if (offset > offset_) tokens_ = 0;
    offset_ = offset;
    tokens_ |= uint32_t{1} << static_cast<unsigned>(token);
  }

  size_t offset() const { return offset_; }
  // The expected tokens, each once, as a sentence's end: `")", "and" or [ \t\r\n]`.
  std::string ToText() const;

 private:
  size_t offset_ = 0;
  uint32_t tokens_ = 0;  // one bit for each Token
};

}  // namespace rollcall::api::filter
