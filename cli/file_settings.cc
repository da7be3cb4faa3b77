#include "cli/file_settings.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "registry/model/json_fields.h"

namespace rollcall::cli {
namespace {

std::string TextOfString(const nlohmann::json& value) { return value.get<std::string>(); }
std::string TextOfJson(const nlohmann::json& value) { return value.dump(); }

struct SettingType {
  bool (nlohmann::json::*is)() const noexcept;
  std::string (*text)(const nlohmann::json& value);
  const char* expected;
};
constexpr SettingType kText = {&nlohmann::json::is_string, TextOfString, ": expected a string"};
constexpr SettingType kNumber = {&nlohmann::json::is_number_integer, TextOfJson,
                                 ": expected a whole number"};
constexpr SettingType kBool = {&nlohmann::json::is_boolean, TextOfJson, ": expected true or false"};

void ReadSetting(model::FieldReader& reader, std::string_view name, const SettingType& type,
                 std::optional<std::string>* out) {
  reader.ReadNested(name,
                    [&](const nlohmann::json& value, const std::string& path) -> Result<void> {
                      if (!(value.*type.is)()) return InvalidArgument(path + type.expected);
                      *out = type.text(value);
                      return {};
                    });
}

}  // namespace

void ReadTextSetting(model::FieldReader& reader, std::string_view name,
                     std::optional<std::string>* out) {
  ReadSetting(reader, name, kText, out);
}

void ReadNumberSetting(model::FieldReader& reader, std::string_view name,
                       std::optional<std::string>* out) {
  ReadSetting(reader, name, kNumber, out);
}

void ReadBoolSetting(model::FieldReader& reader, std::string_view name,
                     std::optional<std::string>* out) {
  ReadSetting(reader, name, kBool, out);
}

Result<void> SetOnce(const std::string& path, std::string_view own_key,
                     std::optional<std::string>* setting, std::string value) {
  if (*setting) {
    return InvalidArgument(path + ": the same as " + std::string(own_key) +
                           "; leave one of them out");
  }
  *setting = std::move(value);
  return {};
}

}  // namespace rollcall::cli
