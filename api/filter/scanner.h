// Scanner: the characters and literals of a filter's text, for the parser of its grammar
// (expression.h). Each step either consumes what it describes and says true, or consumes nothing
// and says false, and notes what it looked for (Expectations).
//
// Two kinds of error, as Consul's parser has them: a text that fits nowhere is answered with what
// was expected at the furthest position; some mistakes are recognised and named at once (Fail),
// and from then on nothing fits any more. Used by one thread; the text must outlive it.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "api/filter/expectations.h"
#include "registry/base/result.h"

namespace rollcall::api::filter {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  size_t position() const { return at_; }
  std::string_view rest() const { return text_.substr(at_); }
  bool failed() const { return error_.has_value(); }

  // Goes back to a position() of before. Always true, to stand in a chain of alternatives.
  bool Rewind(size_t position) {
    at_ = position;
    return true;
  }
  void Skip(size_t size) { at_ += size; }

  // One or more of [ \t\r\n].
  bool Space();
  bool AtEnd();
  bool Literal(Token token);
  // Space and a word, for each word.
  bool Words(std::initializer_list<Token> words);
  bool Digits(std::string* out);
  bool Name(std::string* out);
  bool Number(std::string* out);
  bool String(std::string* out);

  // Ends the parse with a mistake at the current position, in a rule of the grammar or in none
  // (empty). The first one counts. Always false.
  bool Fail(std::string_view rule, std::string_view what);

  // Why the text is not well-formed UTF-8; nothing when it is.
  std::optional<Error> FindBadEncoding() const;
  // The mistake, else what was expected. For a text that did not parse.
  Error ErrorOfParse() const;
  // An error that says `what` of a position.
  Error ErrorAt(size_t position, std::string_view what) const;

 private:
  using Belongs = bool (*)(char);
  bool One(Token token, Belongs belongs);
  void Many(Token token, Belongs belongs);
  std::string PositionText(size_t position) const;

  const std::string_view text_;
  size_t at_ = 0;
  Expectations expected_;
  std::optional<Error> error_;
};

}  // namespace rollcall::api::filter
