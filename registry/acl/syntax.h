// What both forms of the rule language are parsed into before it is known whether it makes sense:
// objects of named values, with their places in the text for errors. Plain values, used within one
// parse by one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "registry/base/result.h"

namespace rollcall::acl {

// Of braces and brackets. Rules have three levels; lists of objects in JSON add two.
constexpr size_t kMaxNesting = 8;

struct SyntaxItem;

struct SyntaxValue {
  enum class Kind : uint8_t {
    kText,
    kObject,
    kList,    // of `items` without a key
    kNull,    // JSON's
    kNumber,  // or true, or false: no rule takes one
  };

  Kind kind = Kind::kNull;
  size_t offset = 0;  // of its first byte in the text
  std::string text;
  std::vector<SyntaxItem> items;
};

struct SyntaxItem {
  std::string key;
  size_t offset = 0;  // of the key
  SyntaxValue value;
};

// kInvalidArgument: "line 3, column 12: <reason>". Both count from 1; columns are characters.
Error SyntaxError(std::string_view text, size_t offset, std::string_view reason);

// `text`, which may come from outside, as errors repeat it: in double quotes, in one line and not
// longer than about 60 bytes.
std::string Quoted(std::string_view text);

// The offset of the first byte that is not part of well-formed UTF-8, or npos.
size_t FindBadUtf8(std::string_view text);

}  // namespace rollcall::acl
