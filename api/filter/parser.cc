// Recursive descent, with the backtracking of the grammar in expression.h. No rule is tried again
// at the cost of what is nested in it, so that the time is linear; kMaxNesting bounds the stack.
#include <string_view>
#include <utility>
#include <vector>

#include "api/filter/expression.h"
#include "api/filter/scanner.h"

namespace rollcall::api::filter {
namespace {

// The logic of an expression as it is written, before it becomes targets.
struct Term {
  enum class Kind : uint8_t { kMatch, kNot, kAnd, kOr };
  Kind kind = Kind::kMatch;
  Target first = 0;  // the first clause in it
  std::vector<Term> operands;
};

void SetTargets(const Term& term, Target if_true, Target if_false, std::vector<Clause>* clauses) {
  switch (term.kind) {
    case Term::Kind::kMatch: {
      Clause& clause = (*clauses)[static_cast<size_t>(term.first)];
      clause.if_true = if_true;
      clause.if_false = if_false;
      break;
    }
    case Term::Kind::kNot:
      SetTargets(term.operands.front(), if_false, if_true, clauses);
      break;
    case Term::Kind::kAnd:
    case Term::Kind::kOr:
      for (size_t i = 0; i < term.operands.size(); ++i) {
        const bool last = i + 1 == term.operands.size();
        const bool is_and = term.kind == Term::Kind::kAnd;
        const Target next = last ? 0 : term.operands[i + 1].first;
        SetTargets(term.operands[i], is_and && !last ? next : if_true,
                   !is_and && !last ? next : if_false, clauses);
      }
      break;
  }
}

// All that is not ASCII passes for a letter: nothing else of the grammar is written in it.
bool IsPointerCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-_.~:|").find(c) != std::string_view::npos ||
         static_cast<unsigned char>(c) >= 0x80;
}

// RFC 6901, section 4: ~1 is "/" and ~0 is "~".
std::string UnescapePointer(std::string_view step) {
  std::string out;
  for (size_t i = 0; i < step.size(); ++i) {
    const char next = step[i] == '~' && i + 1 < step.size() ? step[i + 1] : ' ';
    if (next == '0' || next == '1') {
      out.push_back(next == '0' ? '~' : '/');
      ++i;
    } else {
      out.push_back(step[i]);
    }
  }
  return out;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_size_(text.size()), scan_(text) {}

  Result<Expression> Parse() {
    if (text_size_ > kMaxExpressionSize) {
      return scan_.ErrorAt(kMaxExpressionSize,
                           "longer than " + std::to_string(kMaxExpressionSize) + " bytes");
    }
    if (auto bad = scan_.FindBadEncoding()) return *std::move(bad);
    Term term;
    scan_.Space();
    if (!Or(&term)) return scan_.ErrorOfParse();
    scan_.Space();
    if (!scan_.AtEnd()) return scan_.ErrorOfParse();
    SetTargets(term, kAccept, kReject, &expression_.clauses);
    return std::move(expression_);
  }

 private:
  using Rule = bool (Parser::*)(Term*);

  bool Or(Term* out) { return List(&Parser::And, Token::kOr, Term::Kind::kOr, out); }
  bool And(Term* out) { return List(&Parser::Not, Token::kAnd, Term::Kind::kAnd, out); }

  // operand (_ word _ operand)*
  bool List(Rule operand, Token word, Term::Kind kind, Term* out) {
    std::vector<Term> operands(1);
    if (!(this->*operand)(&operands.front())) return false;
    while (true) {
      const size_t start = scan_.position();
      Term next;
      if (!(scan_.Words({word}) && scan_.Space() && (this->*operand)(&next))) {
        scan_.Rewind(start);
        break;
      }
      operands.push_back(std::move(next));
    }
    if (operands.size() == 1) {
      *out = std::move(operands.front());
    } else {
      const Target first_clause = operands.front().first;
      *out = Term{kind, first_clause, std::move(operands)};
    }
    return !scan_.failed();
  }

  bool Not(Term* out) {
    if (depth_ > kMaxNesting) {  // the outermost level is not nested
      return scan_.Fail({}, "nested deeper than " + std::to_string(kMaxNesting) + " levels");
    }
    ++depth_;
    const size_t start = scan_.position();
    Term operand;
    const bool negated = scan_.Literal(Token::kNot) && scan_.Space() && Not(&operand);
    if (negated) {
      *out = Term{Term::Kind::kNot, operand.first, {}};
      out->operands.push_back(std::move(operand));
    } else {
      scan_.Rewind(start);  // `not` may also be a name
    }
    const bool fits = negated || Group(out) || MatchRule(out);
    --depth_;
    return fits && !scan_.failed();
  }

  bool Group(Term* out) {
    const size_t start = scan_.position();
    if (!scan_.Literal(Token::kOpen)) return false;
    scan_.Space();
    if (!Or(out)) return !scan_.Rewind(start);
    scan_.Space();
    return scan_.Literal(Token::kClose) || scan_.Fail("grouping", "Unmatched parentheses");
  }

  bool MatchRule(Term* out) {
    const size_t start = scan_.position();
    Match match;
    if (!SelectorFirst(&match) && !(scan_.Rewind(start) && ValueFirst(&match))) {
      return !scan_.Rewind(start);
    }
    if (expression_.clauses.size() == kMaxMatches) {
      scan_.Rewind(start);
      return scan_.Fail({}, "more than " + std::to_string(kMaxMatches) + " comparisons");
    }
    *out = Term{Term::Kind::kMatch, static_cast<Target>(expression_.clauses.size()), {}};
    expression_.clauses.push_back({std::move(match), kAccept, kReject});
    return true;
  }

  bool SelectorFirst(Match* match) {
    if (!SelectorRule(&match->selector)) return false;
    const size_t start = scan_.position();
    if (OperatorBeforeValue(&match->op) && Value(&match->value)) return true;
    scan_.Rewind(start);
    match->op = Operator::kIsEmpty;
    if (scan_.Words({Token::kIs, Token::kEmpty})) return true;
    match->op = Operator::kIsNotEmpty;
    return scan_.Words({Token::kIs, Token::kNot, Token::kEmpty});
  }

  bool ValueFirst(Match* match) {
    if (!Value(&match->value)) return false;
    if (WordOperator({Token::kIn})) {
      match->op = Operator::kIn;
    } else if (WordOperator({Token::kNot, Token::kIn})) {
      match->op = Operator::kNotIn;
    } else {
      return false;
    }
    return SelectorRule(&match->selector) || scan_.Fail("match", "Invalid selector");
  }

  bool OperatorBeforeValue(Operator* op) {
    if (SymbolOperator(Token::kEqual)) {
      *op = Operator::kEqual;
    } else if (SymbolOperator(Token::kNotEqual)) {
      *op = Operator::kNotEqual;
    } else if (WordOperator({Token::kContains})) {
      *op = Operator::kIn;
    } else if (WordOperator({Token::kNot, Token::kContains})) {
      *op = Operator::kNotIn;
    } else if (WordOperator({Token::kMatches})) {
      *op = Operator::kMatches;
    } else if (WordOperator({Token::kNot, Token::kMatches})) {
      *op = Operator::kNotMatches;
    } else {
      return false;
    }
    return true;
  }

  // _? symbol _?
  bool SymbolOperator(Token symbol) {
    const size_t start = scan_.position();
    scan_.Space();
    if (!scan_.Literal(symbol)) return !scan_.Rewind(start);
    scan_.Space();
    return true;
  }

  // (_ word)+ _
  bool WordOperator(std::initializer_list<Token> words) {
    const size_t start = scan_.position();
    return (scan_.Words(words) && scan_.Space()) || !scan_.Rewind(start);
  }

  bool SelectorRule(Selector* out) { return Dotted(&out->path) || Pointer(out); }

  bool Dotted(std::vector<std::string>* path) {
    path->clear();
    std::string step;
    if (!scan_.Name(&step)) return false;
    do {
      path->push_back(std::move(step));
    } while (DotStep(&step) || Index(&step));
    return !scan_.failed();
  }

  bool DotStep(std::string* out) {
    const size_t start = scan_.position();
    if (!scan_.Literal(Token::kDot)) return false;
    return scan_.Name(out) || scan_.Digits(out) || !scan_.Rewind(start);
  }

  bool Index(std::string* out) {
    if (!scan_.Literal(Token::kOpenIndex)) return false;
    scan_.Space();
    if (!scan_.String(out)) return scan_.Fail("index", "Invalid index");
    scan_.Space();
    return scan_.Literal(Token::kCloseIndex) || scan_.Fail("index", "Unclosed index expression");
  }

  // Expects nothing of its own where a string is no pointer: then it is a value.
  bool Pointer(Selector* out) {
    std::string_view rest = scan_.rest();
    if (scan_.failed() || !rest.starts_with("\"/")) return false;
    std::vector<std::string> path;
    rest.remove_prefix(1);
    while (rest.starts_with('/')) {
      rest.remove_prefix(1);
      size_t size = 0;
      while (size < rest.size() && IsPointerCharacter(rest[size])) ++size;
      if (size == 0) return false;
      path.push_back(UnescapePointer(rest.substr(0, size)));
      rest.remove_prefix(size);
    }
    if (!rest.starts_with('"')) return false;
    scan_.Skip(scan_.rest().size() - rest.size() + 1);
    *out = Selector{std::move(path), true};
    return true;
  }

  bool Value(std::string* out) {
    Selector name;
    if (Dotted(&name.path)) {
      *out = name.ToText();
      return true;
    }
    return scan_.Number(out) || scan_.String(out);
  }

  const size_t text_size_;
  size_t depth_ = 0;
  Scanner scan_;
  Expression expression_;
};

}  // namespace

Result<Expression> ParseExpression(std::string_view text) { return Parser(text).Parse(); }

}  // namespace rollcall::api::filter
