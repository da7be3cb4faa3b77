// LogFormat: what the key "format" holds, "1 <UUID>": the number of the layout, and which log this
// is. Plain value.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "registry/base/result.h"

namespace rollcall::store {

struct LogFormat {
  std::string uuid;

  static LogFormat Make(const std::function<uint64_t()>& random);
  std::string Text() const;
  // kInvalidArgument: of a newer rollcall, or another program's.
  static Result<LogFormat> Parse(std::string_view text);
};

}  // namespace rollcall::store
