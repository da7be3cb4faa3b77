// What comes from outside, as messages and terminals show it.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace rollcall {

// `text` with each control character (below 0x20, and 0x7f) as a space: what a service calls itself
// can neither move the cursor nor make a second line of a message.
inline std::string Printable(std::string_view text) {
  std::string clean(text);
  for (char& c : clean) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) c = ' ';
  }
  return clean;
}

// One line of what somebody else said, for the log.
inline std::string FirstLine(std::string_view text) {
  return Printable(text.substr(0, std::min<size_t>(text.find('\n'), 300)));
}

}  // namespace rollcall
