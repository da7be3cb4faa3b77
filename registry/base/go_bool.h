// Booleans as Go's strconv.ParseBool reads them: Consul's query parameters are written so.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace rollcall {

// 1, t, T, true, TRUE, True and 0, f, F, false, FALSE, False; nothing for any other text.
constexpr std::optional<bool> ParseGoBool(std::string_view text) {
  constexpr std::array<std::string_view, 6> kYes = {"1", "t", "T", "true", "TRUE", "True"};
  constexpr std::array<std::string_view, 6> kNo = {"0", "f", "F", "false", "FALSE", "False"};
  if (std::find(kYes.begin(), kYes.end(), text) != kYes.end()) return true;
  if (std::find(kNo.begin(), kNo.end(), text) != kNo.end()) return false;
  return std::nullopt;
}

}  // namespace rollcall
