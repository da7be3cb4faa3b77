#include "registry/acl/syntax.h"

#include <algorithm>

#include "registry/base/printable.h"

namespace rollcall::acl {
namespace {

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// The size of the character that `text` begins with; 0 when it is not well-formed (Unicode 15,
// table 3-7: nothing overlong, no surrogates, nothing above U+10FFFF). `text` is not empty.
size_t SizeOfCharacter(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const size_t size = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (size == 0 || text.size() < size) return 0;
  for (size_t i = 1; i < size; ++i) {
    if (!IsContinuation(text[i])) return 0;
  }
  const bool overlong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
  const bool surrogate = first == 0xed && byte(1) >= 0xa0;
  const bool too_great = first == 0xf4 && byte(1) >= 0x90;
  return overlong || surrogate || too_great ? 0 : size;
}

}  // namespace

Error SyntaxError(std::string_view text, size_t offset, std::string_view reason) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const size_t newline = before.rfind('\n');  // npos + 1 is 0
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::string_view in_line = before.substr(newline + 1);
  const auto column =
      1 + std::count_if(in_line.begin(), in_line.end(), [](char c) { return !IsContinuation(c); });
  return InvalidArgument("line " + std::to_string(line) + ", column " + std::to_string(column) +
                         ": " + std::string(reason));
}

std::string Quoted(std::string_view text) {
  constexpr size_t kMaxShown = 60;
  if (text.size() <= kMaxShown) return "\"" + Printable(text) + "\"";
  size_t end = kMaxShown;
  while (end > 0 && IsContinuation(text[end])) --end;
  return "\"" + Printable(text.substr(0, end)) + "\"...";
}

size_t FindBadUtf8(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const size_t size = SizeOfCharacter(text.substr(at));
    if (size == 0) return at;
    at += size;
  }
  return std::string_view::npos;
}

}  // namespace rollcall::acl
