// LogFormat: what the key "format" holds, "1 <UUID>": the number of the format (shared_log.h), and
// which log this is. The number is the lowest that may hold what is in the log, so that a server of
// an older version may use the log as long as it knows all of it. Plain value.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "registry/base/result.h"
#include "registry/store/shared_log.h"

namespace rollcall::store {

struct LogFormat {
  std::string uuid;
  uint32_t number = kFirstLogFormat;

  // A new log's.
  static LogFormat Make(const std::function<uint64_t()>& random);
  std::string Text() const;
  // kInvalidArgument: of a newer rollcall, or another program's.
  static Result<LogFormat> Parse(std::string_view text);
};

}  // namespace rollcall::store
