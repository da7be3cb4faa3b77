#include "cli/audit_settings.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "cli/file_settings.h"
#include "cli/setting_values.h"
#include "registry/base/go_duration.h"
#include "registry/model/json_fields.h"

namespace rollcall::cli {
namespace {

constexpr auto kMaxAge = std::chrono::hours(24 * 366);
constexpr size_t kMinSize = 4096;

// Off, syslog or a file.
Result<std::string> ParseTarget(const std::string& text) {
  if (text == "off") return std::string();
  if (text.empty() || text.ends_with('/') || text.find('\0') != std::string::npos) {
    return BadSetting("audit-log", text, "expected the path of a file, syslog or off");
  }
  return text;
}

Result<size_t> ParseMaxSize(const std::string& text) {
  Result<size_t> size =
      Number("audit-log-max-size", {0, std::numeric_limits<int64_t>::max()})(text);
  if (size && (*size == 0 || *size >= kMinSize)) return size;
  return BadSetting("audit-log-max-size", text,
                    "expected bytes, at least " + std::to_string(kMinSize) + "; 0 means any size");
}

Result<std::chrono::seconds> ParseMaxAge(const std::string& text) {
  const Result<std::chrono::nanoseconds> age = ParseGoDuration(text);
  const auto whole =
      age ? std::chrono::duration_cast<std::chrono::seconds>(*age) : std::chrono::seconds(-1);
  if (age && *age == whole && whole.count() >= 0 && whole <= kMaxAge) return whole;
  return BadSetting("audit-log-max-age", text,
                    "expected whole seconds up to 8784h, as in 24h; 0s means any age");
}

Result<std::string> ParseSocket(const std::string& text) {
  if (!text.empty()) return text;
  return BadSetting("audit-syslog-socket", text, "expected the path of a socket, as in /dev/log");
}

struct SinkKey {
  std::string_view name;
  std::string_view own_key;
  std::optional<std::string> ServerSettings::*setting;
};
constexpr SinkKey kSinkNumbers[] = {
    {"RotateBytes", "audit_log_max_size", &ServerSettings::audit_log_max_size},
    {"RotateMaxFiles", "audit_log_max_files", &ServerSettings::audit_log_max_files},
};

// A text that can be nothing else.
void ReadOnly(model::FieldReader& reader, std::string_view name, std::string_view only) {
  reader.ReadNested(name, [only](const nlohmann::json& value, const std::string& path) {
    if (value == std::string(only)) return Result<void>();
    return Result<void>(InvalidArgument(path + ": expected \"" + std::string(only) + "\""));
  });
}

Result<void> ReadSink(const nlohmann::json& value, const std::string& path, bool enabled,
                      ServerSettings* settings) {
  model::FieldReader sink(value, path, model::KeyStyle::kCamelOrSnakeCase);
  ReadOnly(sink, "Type", "file");
  ReadOnly(sink, "Format", "json");
  ReadOnly(sink, "DeliveryGuarantee", "best-effort");
  ReadOnly(sink, "Mode", "0640");
  std::string file;
  std::string age;
  sink.Read("Path", &file).Read("RotateDuration", &age);
  for (const SinkKey& key : kSinkNumbers) {
    sink.ReadNested(key.name,
                    [&](const nlohmann::json& number, const std::string& where) -> Result<void> {
                      if (!number.is_number_integer())
                        return InvalidArgument(where + ": expected a whole number");
                      return SetOnce(where, key.own_key, &(settings->*key.setting), number.dump());
                    });
  }
  if (Result<void> ok = sink.Finish(); !ok) return ok;
  if (file.empty()) return InvalidArgument(path + ".path: expected the path of a file");
  if (!age.empty()) {
    const std::string where = path + ".rotate_duration";
    if (Result<void> ok = SetOnce(where, "audit_log_max_age", &settings->audit_log_max_age, age);
        !ok) {
      return ok;
    }
  }
  return SetOnce(path + ".path", "audit_log", &settings->audit_log, enabled ? file : "off");
}

Result<void> ReadAudit(const nlohmann::json& value, const std::string& path,
                       ServerSettings* settings) {
  model::FieldReader audit(value, path, model::KeyStyle::kCamelOrSnakeCase);
  bool enabled = false;
  bool has_sink = false;
  audit.Read("Enabled", &enabled);
  audit.ReadNested("Sink",
                   [&](const nlohmann::json& sinks, const std::string& where) -> Result<void> {
                     if (!sinks.is_object() || sinks.size() != 1) {
                       return InvalidArgument(where + ": expected one sink, by its name");
                     }
                     has_sink = true;
                     return ReadSink(sinks.begin().value(), where + "." + sinks.begin().key(),
                                     enabled, settings);
                   });
  if (Result<void> ok = audit.Finish(); !ok) return ok;
  if (enabled && !has_sink) return InvalidArgument(path + ".sink: expected one sink, by its name");
  return {};
}

}  // namespace

void TakeAuditSettings(SettingResolver& resolver, ServerOptions* options) {
  AuditTarget& audit = options->audit;
  resolver.Take(&ServerSettings::audit_log, &audit.target, ParseTarget)
      .Take(&ServerSettings::audit_log_max_size, &audit.max_bytes, ParseMaxSize)
      .Take(&ServerSettings::audit_log_max_age, &audit.max_age, ParseMaxAge)
      .Take(&ServerSettings::audit_log_max_files, &audit.max_files,
            Number("audit-log-max-files", {0, 10'000}))
      .Take(&ServerSettings::audit_syslog_socket, &audit.syslog_socket, ParseSocket);
}

void ReadConsulAudit(model::FieldReader& reader, ServerSettings* settings) {
  reader.ReadNested("Audit", [settings](const nlohmann::json& value, const std::string& path) {
    return ReadAudit(value, path, settings);
  });
}

}  // namespace rollcall::cli
