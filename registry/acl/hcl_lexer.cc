#include "registry/acl/hcl_lexer.h"

#include <optional>
#include <utility>

#include "registry/acl/syntax.h"

namespace rollcall::acl {
namespace {

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::optional<uint32_t> DigitOf(char c, uint32_t base) {
  uint32_t value = base;
  if (IsDigit(c)) value = static_cast<uint32_t>(c - '0');
  if (c >= 'a' && c <= 'f') value = static_cast<uint32_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') value = static_cast<uint32_t>(c - 'A' + 10);
  return value < base ? std::optional(value) : std::nullopt;
}

std::optional<uint32_t> ReadNumber(std::string_view digits, size_t count, uint32_t base) {
  if (digits.size() < count) return std::nullopt;
  uint32_t value = 0;
  for (const char c : digits.substr(0, count)) {
    const auto digit = DigitOf(c, base);
    if (!digit) return std::nullopt;
    value = value * base + *digit;  // eight hexadecimal digits at most
  }
  return value;
}

// `code` is a character: no surrogate, and not above U+10FFFF.
void AppendUtf8(uint32_t code, std::string* out) {
  const auto add = [out](uint32_t byte) { out->push_back(static_cast<char>(byte)); };
  const auto add_rest = [&](uint32_t shift) { add(0x80 | (code >> shift & 0x3f)); };
  if (code < 0x80) return add(code);
  if (code < 0x800) {
    add(0xc0 | code >> 6);
  } else if (code < 0x10000) {
    add(0xe0 | code >> 12);
    add_rest(6);
  } else {
    add(0xf0 | code >> 18);
    add_rest(12);
    add_rest(6);
  }
  add_rest(0);
}

// What a single character behind a backslash stands for.
std::optional<char> FindPlainEscape(char c) {
  constexpr std::string_view kWritten = "abfnrtv\\\"";
  constexpr std::string_view kMeant = "\a\b\f\n\r\t\v\\\"";
  const size_t i = kWritten.find(c);
  return i == std::string_view::npos ? std::nullopt : std::optional(kMeant[i]);
}

// How a number is written behind a backslash.
struct NumberedEscape {
  size_t skipped;  // letters before the digits
  size_t digits;
  uint32_t base;
  bool is_character;  // otherwise a byte
};

std::optional<NumberedEscape> FindNumberedEscape(char c) {
  switch (c) {
    case 'x':
      return NumberedEscape{1, 2, 16, false};
    case 'u':
      return NumberedEscape{1, 4, 16, true};
    case 'U':
      return NumberedEscape{1, 8, 16, true};
    default:
      return DigitOf(c, 8) ? std::optional(NumberedEscape{0, 3, 8, false}) : std::nullopt;
  }
}

}  // namespace

std::string Lexeme::Describe() const {
  switch (kind) {
    case Kind::kEnd:
      return "the end";
    case Kind::kString:
      return "the string " + Quoted(text);
    default:
      return Quoted(text);
  }
}

Error HclLexer::ErrorAt(size_t offset, std::string_view reason) const {
  return SyntaxError(text_, offset, reason);
}

Result<Lexeme> HclLexer::Next() {
  if (auto skipped = SkipBlanksAndComments(); !skipped) return skipped.error();
  if (at_ == text_.size()) return Lexeme{Lexeme::Kind::kEnd, at_, {}};
  const char c = text_[at_];
  if (IsLetter(c)) return Run(Lexeme::Kind::kIdentifier, "_.-");
  if (IsDigit(c) || c == '-' || c == '+' || c == '.') return Run(Lexeme::Kind::kNumber, "_.+-");
  if (c == '"') return String();
  if (Sees("<<")) {
    return ErrorAt(at_, "here-documents are not accepted: write a string in double quotes");
  }
  constexpr std::string_view kMarks = "{}[=,]";
  constexpr Lexeme::Kind kKinds[] = {Lexeme::Kind::kOpenBrace,   Lexeme::Kind::kCloseBrace,
                                     Lexeme::Kind::kOpenBracket, Lexeme::Kind::kEquals,
                                     Lexeme::Kind::kComma,       Lexeme::Kind::kOther};
  const size_t mark = kMarks.find(c);
  if (mark == std::string_view::npos) {
    return ErrorAt(at_,
                   "unexpected character: names with others than letters, digits, \"_\", \"-\" "
                   "and \".\" stand in double quotes");
  }
  ++at_;
  return Lexeme{kKinds[mark], at_ - 1, std::string(1, c)};
}

Lexeme HclLexer::Run(Lexeme::Kind kind, std::string_view more) {
  const size_t start = at_;
  while (at_ < text_.size() &&
         (IsLetter(text_[at_]) || IsDigit(text_[at_]) || more.find(text_[at_]) != more.npos)) {
    ++at_;
  }
  return {kind, start, std::string(text_.substr(start, at_ - start))};
}

Result<void> HclLexer::SkipBlanksAndComments() {
  while (at_ < text_.size()) {
    if (std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
      ++at_;
    } else if (Sees("#") || Sees("//")) {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (Sees("/*")) {
      if (auto skipped = SkipBlockComment(); !skipped) return skipped;
    } else {
      break;
    }
  }
  return {};
}

Result<void> HclLexer::SkipBlockComment() {
  const size_t end = text_.find("*/", at_ + 2);
  if (end == std::string_view::npos)
    return ErrorAt(at_, "the comment is not closed: \"*/\" is missing");
  at_ = end + 2;
  return {};
}

Result<Lexeme> HclLexer::String() {
  const size_t start = at_++;
  std::string value;
  while (at_ < text_.size() && text_[at_] != '\n') {
    if (text_[at_] == '"') {
      ++at_;
      // Escapes can write any byte.
      if (FindBadUtf8(value) != std::string_view::npos) {
        return ErrorAt(start, "the string is not UTF-8 once its escapes are read");
      }
      return Lexeme{Lexeme::Kind::kString, start, std::move(value)};
    }
    Result<void> read;
    if (Sees("\\")) {
      read = Escape(&value);
    } else if (Sees("${")) {
      read = Interpolation(&value);
    } else {
      value.push_back(text_[at_++]);
    }
    if (!read) return read.error();
  }
  return ErrorAt(start, "the string is not closed: a double quote is missing in its line");
}

Result<void> HclLexer::Escape(std::string* out) {
  const size_t start = at_++;
  const char c = at_ < text_.size() ? text_[at_] : '\n';
  if (const auto plain = FindPlainEscape(c)) {
    ++at_;
    out->push_back(*plain);
    return {};
  }
  const auto form = FindNumberedEscape(c);
  if (!form) return ErrorAt(start, "unknown escape: a backslash itself is written \\\\");
  at_ += form->skipped;
  const auto number = ReadNumber(text_.substr(at_), form->digits, form->base);
  if (!number) {
    return ErrorAt(start, "the escape needs " + std::to_string(form->digits) +
                              (form->base == 8 ? " octal digits" : " hexadecimal digits"));
  }
  at_ += form->digits;
  if (form->is_character) {
    if (*number > 0x10ffff || (*number >= 0xd800 && *number < 0xe000)) {
      return ErrorAt(start, "the escape is no character of Unicode");
    }
    AppendUtf8(*number, out);
  } else {
    if (*number > 0xff) return ErrorAt(start, "the escape is greater than \\377");
    out->push_back(static_cast<char>(*number));
  }
  return {};
}

Result<void> HclLexer::Interpolation(std::string* out) {
  const size_t start = at_;
  size_t open = 0;
  while (at_ < text_.size() && text_[at_] != '\n') {
    const char c = text_[at_++];
    out->push_back(c);
    if (c == '{') ++open;
    if (c == '}' && --open == 0) return {};
  }
  return ErrorAt(start, "\"${\" is not closed: \"}\" is missing in its line");
}

}  // namespace rollcall::acl
