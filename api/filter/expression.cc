#include "api/filter/expression.h"

namespace rollcall::api::filter {
namespace {

// RFC 6901, section 3: what a step of a pointer cannot hold as it is.
std::string EscapePointer(std::string_view step) {
  std::string out;
  for (const char c : step) {
    if (c == '~' || c == '/') {
      out += c == '~' ? "~0" : "~1";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

}  // namespace

std::string_view NameOf(Operator op) {
  switch (op) {
    case Operator::kEqual:
      return "Equal";
    case Operator::kNotEqual:
      return "Not Equal";
    case Operator::kIn:
      return "In";
    case Operator::kNotIn:
      return "Not In";
    case Operator::kIsEmpty:
      return "Is Empty";
    case Operator::kIsNotEmpty:
      return "Is Not Empty";
    case Operator::kMatches:
      return "Matches";
    case Operator::kNotMatches:
      return "Not Matches";
  }
  return "";
}

std::string Selector::ToText(size_t length) const {
  std::string text;
  for (size_t i = 0; i < length; ++i) {
    if (is_pointer) {
      text += "/" + EscapePointer(path[i]);
    } else {
      text += (i > 0 ? "." : "") + path[i];
    }
  }
  return text;
}

}  // namespace rollcall::api::filter
