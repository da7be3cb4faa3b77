// How refusals are worded. Any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "registry/base/printable.h"
#include "registry/base/result.h"

namespace rollcall::jwt {

// What was said in a token or by a server, as a message shows it: in quotes, on one line, and cut
// off after kMaxShown bytes, so that nobody can write into the log what he likes.
inline constexpr size_t kMaxShown = 64;

inline std::string Shown(std::string_view text) {
  std::string shown = '"' + Printable(text.substr(0, kMaxShown)) + '"';
  if (text.size() > kMaxShown) shown += " and more";
  return shown;
}

// The token is not good.
inline Error Refused(std::string why) { return {ErrorCode::kPermissionDenied, std::move(why)}; }

}  // namespace rollcall::jwt
