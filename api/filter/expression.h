// Expression: a filter's text, parsed. It knows the grammar and nothing of the fields that there
// are; Filter (filter.h) checks it against those. A plain value: any thread may read one.
//
// The grammar, a parsing expression grammar as go-bexpr's (the first alternative that fits is
// taken; `_` is one or more of space, tab, CR, LF):
//   input    = _? or _? end
//   or       = and (_ "or" _ and)*
//   and      = not (_ "and" _ not)*
//   not      = "not" _ not / "(" _? or _? ")" / match
//   match    = selector _? ("==" / "!=") _? value
//            / selector _ "not"? _ ("contains" / "matches") _ value
//            / selector _ "is" _ ("not" _)? "empty"
//            / value _ ("not" _)? "in" _ selector
//   selector = name ("." name / "." [0-9]+ / "[" _? string _? "]")* / pointer
//   pointer  = '"' ("/" [letters, digits and -_.~:|]+)+ '"'
//   value    = name ("." name ...)* / number / string
//   name     = [a-zA-Z] [a-zA-Z0-9_]*
//   number   = "-"? ("0" / [1-9] [0-9]*) ("." [0-9]+)?, before _ or ")" or the end
//   string   = '"' [^"]* '"' with Go's escapes / '`' [^`]* '`'
// Words are not reserved: `not in in` asks whether "not" is in the field `in`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "registry/base/result.h"

namespace rollcall::api::filter {

// Limits of one expression. They bound the time and the memory that its reader can be made to use.
constexpr size_t kMaxExpressionSize = 64 * 1024;
constexpr size_t kMaxNesting = 100;  // of parentheses and `not`
constexpr size_t kMaxMatches = 1000;

enum class Operator : uint8_t {
  kEqual,
  kNotEqual,
  kIn,  // also `contains`: the same question asked from the other side
  kNotIn,
  kIsEmpty,
  kIsNotEmpty,
  kMatches,
  kNotMatches,
};

// Consul's name of it, as in its errors: "Not Equal".
std::string_view NameOf(Operator op);

struct Selector {
  std::vector<std::string> path;  // never empty
  bool is_pointer = false;

  // Its first `length` steps, as errors name them.
  std::string ToText(size_t length) const;
  std::string ToText() const { return ToText(path.size()); }
};

struct Match {
  Selector selector;
  Operator op = Operator::kEqual;
  std::string value;  // empty for kIsEmpty and kIsNotEmpty
};

// Where evaluation goes on after a clause: to the clause of this number, or to an end.
using Target = int32_t;
constexpr Target kAccept = -1;
constexpr Target kReject = -2;

// One match, and where its outcome leads. The logic of `and`, `or` and `not` is in these targets,
// so that evaluating needs no recursion and tests only what still matters.
struct Clause {
  Match match;
  Target if_true = kAccept;
  Target if_false = kReject;
};

struct Expression {
  // In the order of the text; evaluation starts with the first, and targets lead onwards only.
  std::vector<Clause> clauses;
};

// kInvalidArgument, with the position "line:column (offset in bytes)" and the words of Consul,
// without the sentence that Consul puts before them.
Result<Expression> ParseExpression(std::string_view text);

}  // namespace rollcall::api::filter
