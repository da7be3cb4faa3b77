#include "api/filter/expectations.h"

#include <array>
#include <vector>

#include "api/filter/go_text.h"

namespace rollcall::api::filter {
namespace {

struct TokenText {
  std::string_view text;    // fixed text, or
  std::string_view wanted;  // how a class of characters is called
};

constexpr std::array kTexts = {
    TokenText{"!=", {}},
    TokenText{"(", {}},
    TokenText{")", {}},
    TokenText{"-", {}},
    TokenText{".", {}},
    TokenText{"0", {}},
    TokenText{"==", {}},
    TokenText{"[", {}},
    TokenText{"\"", {}},
    TokenText{"]", {}},
    TokenText{"`", {}},
    TokenText{"and", {}},
    TokenText{"contains", {}},
    TokenText{"empty", {}},
    TokenText{"in", {}},
    TokenText{"is", {}},
    TokenText{"matches", {}},
    TokenText{"not", {}},
    TokenText{"or", {}},
    TokenText{{}, "[ \\t\\r\\n]"},
    TokenText{{}, "[0-9]"},
    TokenText{{}, "[1-9]"},
    TokenText{{}, "[a-zA-Z0-9_]"},
    TokenText{{}, "[a-zA-Z]"},
    TokenText{{}, "EOF"},
};
static_assert(kTexts.size() == static_cast<size_t>(Token::kEnd) + 1);

}  // namespace

std::string_view TextOf(Token token) { return kTexts[static_cast<size_t>(token)].text; }

std::string Expectations::ToText() const {
  std::vector<std::string> wanted;
  for (size_t i = 0; i < kTexts.size(); ++i) {
    if ((tokens_ >> i & 1) == 0) continue;
    const TokenText& token = kTexts[i];
    wanted.push_back(token.text.empty() ? std::string(token.wanted) : Quote(token.text));
  }
  std::string out;
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (i > 0) out += i + 1 < wanted.size() ? ", " : " or ";
    out += wanted[i];
  }
  return out;
}

}  // namespace rollcall::api::filter
