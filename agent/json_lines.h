// JsonLines: a JSON text, parsed, that knows on which line each of its objects and arrays begins,
// so that what is wrong in a file can be found by its reader. A plain value.
#pragma once

#include <cstddef>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "registry/base/result.h"

namespace rollcall::agent {

class JsonLines {
 public:
  // kInvalidArgument "LINE: what is wrong", as of "3: syntax error while parsing value - ...".
  static Result<JsonLines> Parse(std::string_view text);

  const nlohmann::json& value() const { return value_; }

  // The line, counted from 1, on which the value at `path` begins ("services[1].check"), or the
  // nearest value around it that is an object or an array.
  size_t LineOf(std::string_view path) const;

 private:
  nlohmann::json value_;
  std::map<std::string, size_t, std::less<>> lines_;  // by path
};

}  // namespace rollcall::agent
