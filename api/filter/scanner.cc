#include "api/filter/scanner.h"

#include <utility>

#include "api/filter/go_text.h"

namespace rollcall::api::filter {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsDigitButZero(char c) { return c >= '1' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsNameCharacter(char c) { return IsLetter(c) || IsDigit(c) || c == '_'; }

}  // namespace

bool Scanner::Space() {
  const size_t start = at_;
  Many(Token::kSpace, IsSpace);
  return at_ > start;
}

bool Scanner::AtEnd() {
  if (failed()) return false;
  if (at_ == text_.size()) return true;
  expected_.Note(Token::kEnd, at_);
  return false;
}

bool Scanner::Literal(Token token) {
  if (!failed() && rest().starts_with(TextOf(token))) {
    at_ += TextOf(token).size();
    return true;
  }
  expected_.Note(token, at_);
  return false;
}

bool Scanner::Words(std::initializer_list<Token> words) {
  const size_t start = at_;
  for (const Token word : words) {
    if (!Space() || !Literal(word)) return !Rewind(start);
  }
  return true;
}

bool Scanner::Digits(std::string* out) {
  const size_t start = at_;
  if (!One(Token::kDigit, IsDigit)) return false;
  Many(Token::kDigit, IsDigit);
  *out = text_.substr(start, at_ - start);
  return true;
}

bool Scanner::Name(std::string* out) {
  const size_t start = at_;
  if (!One(Token::kLetter, IsLetter)) return false;
  Many(Token::kNameCharacter, IsNameCharacter);
  *out = text_.substr(start, at_ - start);
  return true;
}

bool Scanner::Number(std::string* out) {
  const size_t start = at_;
  Literal(Token::kMinus);
  if (!Literal(Token::kZero)) {
    if (!One(Token::kDigitButZero, IsDigitButZero)) return !Rewind(start);
    Many(Token::kDigit, IsDigit);
  }
  const size_t whole = at_;
  if (Literal(Token::kDot) && One(Token::kDigit, IsDigit)) {
    Many(Token::kDigit, IsDigit);
  } else {
    at_ = whole;
  }
  const size_t end = at_;
  if (!Space() && !AtEnd() && !Literal(Token::kClose)) {
    return Fail("number", "Invalid number literal");
  }
  at_ = end;
  *out = text_.substr(start, end - start);
  return true;
}

bool Scanner::String(std::string* out) {
  const size_t start = at_;
  if (!Literal(Token::kBackQuote) && !Literal(Token::kQuote)) return false;
  const size_t end = text_.find(text_[start], at_);
  if (end == std::string_view::npos) {
    at_ = text_.size();
    return Fail("string", "Unterminated string literal");
  }
  at_ = end + 1;
  auto text = Unquote(text_.substr(start, at_ - start));
  if (!text) {
    at_ = start;
    return Fail("string", "invalid syntax");
  }
  *out = *std::move(text);
  return true;
}

bool Scanner::Fail(std::string_view rule, std::string_view what) {
  if (failed()) return false;
  std::string words;
  if (!rule.empty()) words = "rule " + Quote(rule) + ": ";
  error_ = ErrorAt(at_, words += what);
  return false;
}

std::optional<Error> Scanner::FindBadEncoding() const {
  size_t at = 0;
  while (at < text_.size()) {
    const auto rune = FirstRune(text_.substr(at));
    if (!rune) return ErrorAt(at, "invalid encoding");
    at += rune->size;
  }
  return std::nullopt;
}

Error Scanner::ErrorOfParse() const {
  if (error_) return *error_;
  return ErrorAt(expected_.offset(), "no match found, expected: " + expected_.ToText());
}

Error Scanner::ErrorAt(size_t position, std::string_view what) const {
  return InvalidArgument(PositionText(position) + ": " + std::string(what));
}

bool Scanner::One(Token token, Belongs belongs) {
  if (!failed() && at_ < text_.size() && belongs(text_[at_])) {
    ++at_;
    return true;
  }
  expected_.Note(token, at_);
  return false;
}

void Scanner::Many(Token token, Belongs belongs) {
  while (One(token, belongs)) {
  }
}

// "line:column (offset)". Lines and columns count from 1, columns in characters; but a line feed
// counts to the line that it begins, as its column 0.
std::string Scanner::PositionText(size_t position) const {
  size_t line = 1;
  size_t column = 0;
  size_t at = 0;
  while (true) {
    ++column;
    if (at < text_.size() && text_[at] == '\n') {
      ++line;
      column = 0;
    }
    if (at >= position) break;
    const auto rune = FirstRune(text_.substr(at));
    at += rune ? rune->size : 1;
  }
  return std::to_string(line) + ":" + std::to_string(column) + " (" + std::to_string(position) +
         ")";
}

}  // namespace rollcall::api::filter
