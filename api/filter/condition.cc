#include "api/filter/condition.h"

#include <re2/re2.h>

#include <algorithm>
#include <utility>

#include "api/filter/go_text.h"

namespace rollcall::api::filter {
namespace {

// For one pattern: its program, and at match time the states that its automaton has been in. A
// pattern that needs more is refused; an automaton that would grow past it starts anew.
constexpr int64_t kMaxPatternMemory = 1024 * 1024;

constexpr size_t kMaxPlainPart = 100;

// The words of Go's regexp, which is written after RE2 and makes the same distinctions.
std::string_view WordsOf(RE2::ErrorCode code) {
  switch (code) {
    case RE2::ErrorBadEscape:
      return "invalid escape sequence";
    case RE2::ErrorBadCharClass:
      return "invalid character class";
    case RE2::ErrorBadCharRange:
      return "invalid character class range";
    case RE2::ErrorMissingBracket:
      return "missing closing ]";
    case RE2::ErrorMissingParen:
      return "missing closing )";
    case RE2::ErrorUnexpectedParen:
      return "unexpected )";
    case RE2::ErrorTrailingBackslash:
      return "trailing backslash at end of expression";
    case RE2::ErrorRepeatArgument:
      return "missing argument to repetition operator";
    case RE2::ErrorRepeatSize:
      return "invalid repeat count";
    case RE2::ErrorRepeatOp:
      return "invalid nested repetition operator";
    case RE2::ErrorBadPerlOp:
      return "invalid or unsupported Perl syntax";
    case RE2::ErrorBadUTF8:
      return "invalid UTF-8";
    case RE2::ErrorBadNamedCapture:
      return "invalid named capture";
    case RE2::ErrorPatternTooLarge:
      return "expression too large";
    case RE2::NoError:
    case RE2::ErrorInternal:
      break;
  }
  return "internal error";
}

// As Go shows the part of a pattern that is wrong, unless that would not be one line of text.
std::string InBackQuotes(const std::string& part) {
  const bool plain = part.size() < kMaxPlainPart &&
                     std::all_of(part.begin(), part.end(),
                                 [](char c) { return c >= ' ' && c <= '~' && c != '`'; });
  return plain ? "`" + part + "`" : Quote(part);
}

Error NotCoerced(const Path& path, const Error& why) {
  return InvalidArgument("Failed to coerce value " + Quote(path.match().value) + " for selector " +
                         Quote(path.match().selector.ToText()) + ": " + why.message);
}

Result<std::shared_ptr<const RE2>> Compile(const Path& path) {
  const std::string& pattern = path.match().value;
  RE2::Options options;
  options.set_log_errors(false);
  options.set_never_capture(true);  // groups only group: nothing is taken out of a match
  options.set_max_mem(kMaxPatternMemory);
  auto compiled = std::make_shared<const RE2>(pattern, options);
  if (compiled->ok()) return compiled;
  const std::string& part = compiled->error_arg().empty() ? pattern : compiled->error_arg();
  return InvalidArgument("Failed to compile regular expression " + Quote(pattern) +
                         " for selector " + Quote(path.match().selector.ToText()) +
                         ": error parsing regexp: " + std::string(WordsOf(compiled->error_code())) +
                         ": " + InBackQuotes(part));
}

// `path` must end at this field.
Result<void> CheckOperator(const Path& path, std::initializer_list<Operator> supported) {
  if (!path.at_end()) return path.NotValid();
  const auto* const found = std::find(supported.begin(), supported.end(), path.match().op);
  if (found == supported.end()) return path.NoSuchOperator();
  return {};
}

bool IsPositive(Operator op) {
  return op == Operator::kEqual || op == Operator::kIn || op == Operator::kIsEmpty ||
         op == Operator::kMatches;
}

}  // namespace

Error Path::NotValid() const {
  return InvalidArgument("Selector " + Quote(match_->selector.ToText(depth_ + 1)) +
                         " is not valid");
}

Error Path::NoSuchOperator() const {
  return InvalidArgument("Invalid match operator " + Quote(NameOf(match_->op)) + " for selector " +
                         Quote(match_->selector.ToText()));
}

bool HoldsForMissing(Operator op) {
  return op == Operator::kNotEqual || op == Operator::kNotIn || op == Operator::kIsEmpty ||
         op == Operator::kNotMatches;
}

Result<TextCondition> TextCondition::Make(const Path& path) {
  const auto fits =
      CheckOperator(path, {Operator::kEqual, Operator::kNotEqual, Operator::kIn, Operator::kNotIn,
                           Operator::kMatches, Operator::kNotMatches});
  if (!fits) return fits.error();
  TextCondition condition;
  condition.op_ = path.match().op;
  if (condition.op_ != Operator::kMatches && condition.op_ != Operator::kNotMatches) {
    condition.value_ = path.match().value;
    return condition;
  }
  auto pattern = Compile(path);
  if (!pattern) return std::move(pattern).error();
  condition.pattern_ = *std::move(pattern);
  return condition;
}

bool TextCondition::Holds(std::string_view text) const {
  switch (op_) {
    case Operator::kEqual:
      return text == value_;
    case Operator::kNotEqual:
      return text != value_;
    case Operator::kIn:
      return text.find(value_) != std::string_view::npos;
    case Operator::kNotIn:
      return text.find(value_) == std::string_view::npos;
    case Operator::kMatches:
    case Operator::kNotMatches: {
      const re2::StringPiece piece(text.data(), text.size());
      return RE2::PartialMatch(piece, *pattern_) == (op_ == Operator::kMatches);
    }
    case Operator::kIsEmpty:
    case Operator::kIsNotEmpty:
      break;
  }
  return false;
}

Result<NumberCondition> NumberCondition::Make(const Path& path) {
  const auto fits = CheckOperator(path, {Operator::kEqual, Operator::kNotEqual});
  if (!fits) return fits.error();
  const auto value = ParseGoInt(path.match().value);
  if (!value) return NotCoerced(path, value.error());
  NumberCondition condition;
  condition.equal_ = IsPositive(path.match().op);
  condition.value_ = *value;
  return condition;
}

Result<FlagCondition> FlagCondition::Make(const Path& path) {
  const auto fits = CheckOperator(path, {Operator::kEqual, Operator::kNotEqual});
  if (!fits) return fits.error();
  const auto value = ParseGoBool(path.match().value);
  if (!value) return NotCoerced(path, value.error());
  FlagCondition condition;
  condition.value_ = *value == IsPositive(path.match().op);
  return condition;
}

Result<ContentCondition> ContentCondition::Make(const Path& path) {
  const Operator op = path.match().op;
  const auto fits = CheckOperator(
      path, {Operator::kIn, Operator::kNotIn, Operator::kIsEmpty, Operator::kIsNotEmpty});
  if (!fits) return fits.error();
  ContentCondition condition;
  condition.asks_emptiness_ = op == Operator::kIsEmpty || op == Operator::kIsNotEmpty;
  condition.expected_ = IsPositive(op);
  condition.value_ = path.match().value;
  return condition;
}

bool ContentCondition::Holds(const TextList& list) const {
  if (asks_emptiness_) return list.empty() == expected_;
  return (std::find(list.begin(), list.end(), value_) != list.end()) == expected_;
}

Result<EmptinessCondition> EmptinessCondition::Make(const Path& path) {
  const auto fits = CheckOperator(path, {Operator::kIsEmpty, Operator::kIsNotEmpty});
  if (!fits) return fits.error();
  EmptinessCondition condition;
  condition.empty_ = IsPositive(path.match().op);
  return condition;
}

}  // namespace rollcall::api::filter
