// NameFilter: a regular expression that says which names something is for. A client sends it, so
// it is run by RE2, within a limit of memory. A value; any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "registry/base/result.h"

namespace re2 {
class RE2;
}

namespace rollcall::api {

class NameFilter {
 public:
  // Matches every name; its text is empty.
  NameFilter() = default;
  // Errors are kInvalidArgument and say what is wrong with `text`, and nothing more.
  static Result<NameFilter> Compile(std::string_view text);

  // As Go's regexp.MatchString: the expression may match anywhere in the name.
  bool Matches(std::string_view name) const;
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::shared_ptr<const re2::RE2> expression_;  // null: matches everything
};

}  // namespace rollcall::api
