#include "dns/meta_text.h"

namespace rollcall::dns {

namespace {

constexpr std::string_view kPlainTextPrefix = "rfc1035-";
constexpr std::string_view kBlanks = " \t";
constexpr char kQuote = '`';

bool IsBlank(char c) { return kBlanks.find(c) != std::string_view::npos; }

}  // namespace

std::string MetaText(std::string_view key, std::string_view value) {
  if (key.starts_with(kPlainTextPrefix)) return std::string(value);
  const size_t first = key.find_first_not_of(kBlanks);
  const size_t last = key.find_last_not_of(kBlanks);
  std::string text;
  for (size_t i = 0; i < key.size(); ++i) {
    const bool outer = first == std::string_view::npos || i < first || i > last;
    if (key[i] == '=' || key[i] == kQuote || (IsBlank(key[i]) && outer)) text.push_back(kQuote);
    text.push_back(key[i]);
  }
  text.push_back('=');
  for (const char c : value) {
    if (c == kQuote) text.push_back(kQuote);
    text.push_back(c);
  }
  return text;
}

}  // namespace rollcall::dns
