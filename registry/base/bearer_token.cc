#include "registry/base/bearer_token.h"

#include <algorithm>

#include "registry/base/small_file.h"

namespace rollcall {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
// For blanks around the token.
constexpr size_t kRoom = 64;

bool IsOfBearerToken(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

}  // namespace

Result<std::string> BearerTokenOf(std::string_view text, const std::string& where) {
  // Before anything is looked at: what is that large is something else.
  if (text.size() > kMaxBearerTokenBytes + kRoom) {
    return InvalidArgument(where + " is larger than 16 KiB; no token is");
  }
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) {
    return InvalidArgument(where + " is empty; a JWT is expected");
  }
  const std::string_view token = text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
  if (token.size() > kMaxBearerTokenBytes) {
    return InvalidArgument(where + " is larger than 16 KiB; no token is");
  }
  if (!std::all_of(token.begin(), token.end(), IsOfBearerToken)) {
    return InvalidArgument(where + " holds something else than a JWT");
  }
  return std::string(token);
}

Result<std::string> ReadBearerTokenFile(const std::string& file) {
  const Result<std::string> text = ReadSmallFile(file, kMaxBearerTokenBytes + kRoom);
  if (!text) return Error{text.error().code, "cannot read " + file + ": " + text.error().message};
  return BearerTokenOf(*text, file);
}

}  // namespace rollcall
