// HclLexer: the lexemes of HCL 1, as far as rules need them. Used by one thread, within one parse.
//
//   identifier = [A-Za-z_] [A-Za-z0-9_.-]*
//   string     = '"' (character / escape / interpolation)* '"', on one line
//   escape     = '\' (["\abfnrtv] / 3 octal digits / 'x' 2 / 'u' 4 / 'U' 8 hexadecimal digits)
//   comment    = ('#' / '//') to the end of the line / '/*' ... '*/'
// Interpolation, "${...}", is kept as it stands, quotes and all, as Consul keeps it.
// Source: hashicorp/hcl 1.0.0, hcl/scanner and hcl/strconv.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "registry/base/result.h"

namespace rollcall::acl {

struct Lexeme {
  enum class Kind : uint8_t {
    kEnd,
    kIdentifier,
    kString,
    kNumber,
    kOpenBrace,
    kCloseBrace,
    kOpenBracket,
    kEquals,
    kComma,
    kOther,  // known to HCL, and of no use here
  };

  Kind kind = Kind::kEnd;
  size_t offset = 0;
  std::string text;  // what a string stands for; otherwise as it is written

  // As errors name it: `"}"`, `the string "web"`.
  std::string Describe() const;
};

class HclLexer {
 public:
  // `text` is well-formed UTF-8 and outlives this.
  explicit HclLexer(std::string_view text) : text_(text) {}

  // The next one; kEnd for ever behind the last. An error is final.
  Result<Lexeme> Next();

 private:
  Result<void> SkipBlanksAndComments();
  Result<void> SkipBlockComment();
  Result<Lexeme> String();
  Result<void> Escape(std::string* out);
  Result<void> Interpolation(std::string* out);
  Lexeme Run(Lexeme::Kind kind, std::string_view more);
  Error ErrorAt(size_t offset, std::string_view reason) const;
  bool Sees(std::string_view what) const { return text_.substr(at_).starts_with(what); }

  const std::string_view text_;
  size_t at_ = 0;
};

}  // namespace rollcall::acl
