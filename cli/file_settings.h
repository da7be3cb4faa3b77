// How settings stand in a configuration file: each becomes the text that its flag would take. A
// field that is absent or null says nothing, one of another type makes the reader fail. Plain
// functions; called at start and at each reload.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "registry/base/result.h"

namespace rollcall::model {
class FieldReader;
}

namespace rollcall::cli {

void ReadTextSetting(model::FieldReader& reader, std::string_view name,
                     std::optional<std::string>* out);
// A whole number, in decimal digits.
void ReadNumberSetting(model::FieldReader& reader, std::string_view name,
                       std::optional<std::string>* out);
// "true" or "false".
void ReadBoolSetting(model::FieldReader& reader, std::string_view name,
                     std::optional<std::string>* out);

// Of a setting that a file can say in two places, here at `path`: kInvalidArgument, which names
// both, when it was said as `own_key` already.
Result<void> SetOnce(const std::string& path, std::string_view own_key,
                     std::optional<std::string>* setting, std::string value);

}  // namespace rollcall::cli
