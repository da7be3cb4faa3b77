#include "registry/acl/hcl_parser.h"

#include <string>
#include <utility>
#include <vector>

#include "registry/acl/hcl_lexer.h"

namespace rollcall::acl {
namespace {

using Kind = Lexeme::Kind;

class HclParser {
 public:
  explicit HclParser(std::string_view text) : text_(text), lexer_(text) {}

  Result<SyntaxValue> Parse() {
    SyntaxValue root;
    root.kind = SyntaxValue::Kind::kObject;
    if (auto first = Advance(); !first) return first.error();
    while (at_.kind != Kind::kEnd) {
      if (auto item = Item(&root.items); !item) return item.error();
    }
    return root;
  }

 private:
  Result<void> Advance() {
    auto next = lexer_.Next();
    if (!next) return std::move(next).error();
    at_ = *std::move(next);
    return {};
  }

  Error Unexpected(std::string_view expected) const {
    return SyntaxError(text_, at_.offset,
                       "expected " + std::string(expected) + ", found " + at_.Describe());
  }

  // Items up to the brace that closes them, and that.
  Result<SyntaxValue> Object() {
    SyntaxValue object;
    object.kind = SyntaxValue::Kind::kObject;
    object.offset = at_.offset;
    if (++nesting_ > kMaxNesting) {
      return SyntaxError(text_, at_.offset,
                         "nested deeper than " + std::to_string(kMaxNesting) + " levels");
    }
    if (auto opened = Advance(); !opened) return opened.error();
    while (at_.kind != Kind::kCloseBrace) {
      if (at_.kind == Kind::kEnd) {
        return SyntaxError(text_, object.offset, "the block is not closed: \"}\" is missing");
      }
      if (auto item = Item(&object.items); !item) return item.error();
    }
    --nesting_;
    if (auto closed = Advance(); !closed) return closed.error();
    return object;
  }

  Result<void> Item(std::vector<SyntaxItem>* items) {
    auto keys = Keys();
    if (!keys) return std::move(keys).error();
    auto value = ValueOf(*keys);
    if (!value) return std::move(value).error();
    if (keys->size() == 2) {
      SyntaxValue named;
      named.kind = SyntaxValue::Kind::kObject;
      named.offset = keys->back().offset;
      named.items.push_back({std::move(keys->back().text), named.offset, *std::move(value)});
      items->push_back({std::move(keys->front().text), keys->front().offset, std::move(named)});
    } else {
      items->push_back({std::move(keys->front().text), keys->front().offset, *std::move(value)});
    }
    return at_.kind == Kind::kComma ? Advance() : Result<void>();
  }

  // One or two.
  Result<std::vector<Lexeme>> Keys() {
    std::vector<Lexeme> keys;
    while (at_.kind == Kind::kIdentifier || at_.kind == Kind::kString) {
      if (keys.size() == 2) return Unexpected("\"{\" behind the name");
      keys.push_back(std::move(at_));
      if (auto next = Advance(); !next) return next.error();
    }
    if (keys.empty()) return Unexpected(nesting_ == 0 ? "a resource" : "a key or \"}\"");
    return keys;
  }

  Result<SyntaxValue> ValueOf(const std::vector<Lexeme>& keys) {
    if (at_.kind == Kind::kOpenBrace) return Object();
    if (at_.kind != Kind::kEquals || keys.size() == 2) {
      return Unexpected(keys.size() == 2 ? "\"{\"" : "\"{\" or \"=\"");
    }
    if (auto next = Advance(); !next) return next.error();
    SyntaxValue value;
    value.offset = at_.offset;
    switch (at_.kind) {
      case Kind::kOpenBrace:
        return Object();
      case Kind::kString:
        value.kind = SyntaxValue::Kind::kText;
        value.text = std::move(at_.text);
        break;
      case Kind::kNumber:
        value.kind = SyntaxValue::Kind::kNumber;
        break;
      case Kind::kOpenBracket:
        return SyntaxError(text_, at_.offset, "lists are accepted in the JSON form only");
      default:
        return Unexpected("a string in double quotes or \"{\"");
    }
    if (auto next = Advance(); !next) return next.error();
    return value;
  }

  const std::string_view text_;
  HclLexer lexer_;
  Lexeme at_;
  size_t nesting_ = 0;
};

}  // namespace

Result<SyntaxValue> ParseHcl(std::string_view text) { return HclParser(text).Parse(); }

}  // namespace rollcall::acl
