#include "registry/acl/json_parser.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "registry/base/counting_iterator.h"
#include "registry/base/printable.h"

namespace rollcall::acl {
namespace {

// What the library says of a syntax error, without what it says around it, and without what it
// read last, which may be all of the text.
std::string ReasonIn(std::string_view words) {
  const size_t start = words.find(" - ");
  if (start == std::string_view::npos) return "not JSON";
  words.remove_prefix(start + 3);
  const size_t expected = words.rfind("; expected ");
  std::string reason(words.substr(0, std::min(words.find("; last read"), expected)));
  if (expected != std::string_view::npos) reason += words.substr(expected);
  return "not JSON: " + FirstLine(reason);
}

// Builds the value while the library reads. Each event comes when its token, and nothing behind it,
// has been read; behind a number it is one character more.
class TreeBuilder : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit TreeBuilder(std::string_view text) : text_(text), read_to_(text.data()) {}

  Result<SyntaxValue> Parse() {
    const char* const end = text_.data() + text_.size();
    const bool parsed = nlohmann::json::sax_parse(CountingIterator(text_.data(), &read_to_),
                                                  CountingIterator(end, &read_to_), this);
    if (!parsed) return error_.value_or(SyntaxError(text_, 0, "not JSON"));
    return std::move(root_);
  }

  bool null() override { return Add(SyntaxValue::Kind::kNull, {}); }
  bool boolean(bool) override { return Add(SyntaxValue::Kind::kNumber, {}); }
  bool number_integer(number_integer_t) override { return Add(SyntaxValue::Kind::kNumber, {}); }
  bool number_unsigned(number_unsigned_t) override { return Add(SyntaxValue::Kind::kNumber, {}); }
  bool number_float(number_float_t, const string_t&) override {
    return Add(SyntaxValue::Kind::kNumber, {});
  }
  bool string(string_t& value) override { return Add(SyntaxValue::Kind::kText, std::move(value)); }
  bool binary(binary_t&) override { return false; }  // no JSON has any
  bool start_object(size_t) override { return Open(SyntaxValue::Kind::kObject); }
  bool start_array(size_t) override { return Open(SyntaxValue::Kind::kList); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }

  bool key(string_t& name) override {
    open_.back()->items.push_back({std::move(name), OffsetOfToken(), {}});
    return true;
  }

  bool parse_error(size_t position, const std::string&,
                   const nlohmann::json::exception& problem) override {
    // `position` counts the characters that were read, the last of which is the bad one.
    return Fail(position == 0 ? 0 : position - 1, ReasonIn(problem.what()));
  }

 private:
  bool Fail(size_t offset, std::string_view reason) {
    error_ = SyntaxError(text_, offset, reason);
    return false;
  }

  // Where the token that has just been read begins: behind the one before, and what is between.
  size_t OffsetOfToken() {
    const size_t offset = text_.find_first_not_of(" \t\r\n,:", end_of_last_);
    end_of_last_ = static_cast<size_t>(read_to_ - text_.data());
    return std::min(offset, text_.size());
  }

  SyntaxValue* Place() {
    if (open_.empty()) return &root_;
    SyntaxValue* const parent = open_.back();
    if (parent->kind == SyntaxValue::Kind::kList) parent->items.emplace_back();
    return &parent->items.back().value;
  }

  bool Add(SyntaxValue::Kind kind, std::string text) {
    *Place() = SyntaxValue{kind, OffsetOfToken(), std::move(text), {}};
    return true;
  }

  bool Open(SyntaxValue::Kind kind) {
    SyntaxValue* const value = Place();
    *value = SyntaxValue{kind, OffsetOfToken(), {}, {}};
    if (open_.size() == kMaxNesting) {
      return Fail(value->offset, "nested deeper than " + std::to_string(kMaxNesting) + " levels");
    }
    open_.push_back(
        value);  // does not move before it is closed: its parent takes nothing until then
    return true;
  }

  bool Close() {
    open_.pop_back();
    OffsetOfToken();
    return true;
  }

  const std::string_view text_;
  const char* read_to_;
  size_t end_of_last_ = 0;
  SyntaxValue root_;
  std::vector<SyntaxValue*> open_;
  std::optional<Error> error_;
};

}  // namespace

Result<SyntaxValue> ParseJson(std::string_view text) { return TreeBuilder(text).Parse(); }

}  // namespace rollcall::acl
