#include "cli/limit_settings.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "cli/file_settings.h"
#include "cli/setting_values.h"
#include "registry/model/json_fields.h"

namespace rollcall::cli {
namespace {

using api::Limit;
using api::LimitMode;
using api::RequestRate;

// Above it a bucket's microseconds would be too coarse.
constexpr uint32_t kMaxRequestRate = 100'000;
constexpr uint32_t kMaxBurst = 1'000'000;
constexpr size_t kMaxFailures = 100'000;

struct LimitKey {
  std::string_view name;
  std::optional<std::string> ServerSettings::*setting;
};
constexpr LimitKey kLimitKeys[] = {
    {"LimitReads", &ServerSettings::limit_reads},
    {"LimitWrites", &ServerSettings::limit_writes},
    {"LimitReadsPerClient", &ServerSettings::limit_reads_per_client},
    {"LimitWritesPerClient", &ServerSettings::limit_writes_per_client},
    {"LimitReadsPerToken", &ServerSettings::limit_reads_per_token},
    {"LimitWritesPerToken", &ServerSettings::limit_writes_per_token},
    {"LimitFailedAuth", &ServerSettings::limit_failed_auth},
};

bool ReadCount(std::string_view text, uint32_t most, uint32_t* out) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, *out);
  return error == std::errc() && stop == end && *out <= most;
}

// "100", or "100:500" where more may come at once.
SettingParser<RequestRate> Rate(Limit limit) {
  return [limit](const std::string& text) -> Result<RequestRate> {
    RequestRate rate;
    const size_t colon = text.find(':');
    const std::string_view per_second = std::string_view(text).substr(0, colon);
    if (ReadCount(per_second, kMaxRequestRate, &rate.per_second)) {
      rate.burst = rate.per_second;
      if (colon == std::string::npos) return rate;
      const bool has_burst =
          ReadCount(std::string_view(text).substr(colon + 1), kMaxBurst, &rate.burst);
      if (has_burst && rate.per_second > 0 && rate.burst > 0) return rate;
    }
    return BadSetting(NameOf(limit), text,
                      "expected requests a second, up to 100000, or RATE:BURST with how many may "
                      "come at once, up to 1000000, as in 100:500; 0 means no limit");
  };
}

Result<LimitMode> ParseMode(const std::string& text) {
  for (const LimitMode mode :
       {LimitMode::kDisabled, LimitMode::kPermissive, LimitMode::kEnforcing}) {
    if (text == NameOf(mode)) return mode;
  }
  return BadSetting("limit-mode", text, "expected enforcing, permissive or disabled");
}

Result<NetworkSet> ParseExempt(const std::string& text) {
  if (text == "none") return NetworkSet();
  Result<NetworkSet> networks = NetworkSet::Parse(text);
  if (!networks) return InvalidArgument("limit-exempt: " + networks.error().message);
  if (networks->empty()) {
    return BadSetting("limit-exempt", text, "expected networks, as in 127.0.0.0/8,::1, or none");
  }
  return networks;
}

// A number, or a string as the flag takes it.
void ReadLimit(model::FieldReader& reader, const LimitKey& key, ServerSettings* settings) {
  reader.ReadNested(key.name,
                    [&](const nlohmann::json& value, const std::string& path) -> Result<void> {
                      if (value.is_number_integer()) {
                        settings->*key.setting = value.dump();
                        return {};
                      }
                      if (!value.is_string()) {
                        return InvalidArgument(path + ": expected a whole number, or a string");
                      }
                      settings->*key.setting = value.get<std::string>();
                      return {};
                    });
}

// A list of networks, or a string as the flag takes it.
void ReadExempt(model::FieldReader& reader, ServerSettings* settings) {
  reader.ReadNested(
      "LimitExempt",
      [settings](const nlohmann::json& value, const std::string& path) -> Result<void> {
        if (value.is_string()) {
          settings->limit_exempt = value.get<std::string>();
          return {};
        }
        std::string text;
        for (const nlohmann::json& each : value) {
          if (!value.is_array() || !each.is_string()) {
            return InvalidArgument(path + ": expected a list of strings");
          }
          text += (text.empty() ? "" : ",") + each.get<std::string>();
        }
        if (!value.is_array()) return InvalidArgument(path + ": expected a list of strings");
        settings->limit_exempt = text.empty() ? "none" : std::move(text);
        return {};
      });
}

// Consul's rates are numbers with a fraction, and -1 is none.
Result<void> AssignRate(const nlohmann::json& value, const std::string& path,
                        std::string_view own_key, std::optional<std::string>* setting) {
  if (!value.is_number()) return InvalidArgument(path + ": expected a number");
  const double rate = value.get<double>();
  if (rate != -1 && (rate < 0 || rate > kMaxRequestRate || std::floor(rate) != rate)) {
    return InvalidArgument(path + ": expected whole requests a second, up to " +
                           std::to_string(kMaxRequestRate) + "; -1 means no limit");
  }
  return SetOnce(path, own_key, setting, std::to_string(rate == -1 ? 0 : static_cast<int>(rate)));
}

Result<void> ReadRequestLimits(const nlohmann::json& value, const std::string& path,
                               ServerSettings* settings) {
  model::FieldReader limits(value, path, model::KeyStyle::kCamelOrSnakeCase);
  bool has_mode = false;
  bool has_rates = false;
  limits.ReadNested(
      "Mode", [&](const nlohmann::json& mode, const std::string& where) -> Result<void> {
        if (!mode.is_string()) return InvalidArgument(where + ": expected a string");
        has_mode = true;
        return SetOnce(where, "limit_mode", &settings->limit_mode, mode.get<std::string>());
      });
  limits.ReadNested("ReadRate", [&](const nlohmann::json& rate, const std::string& where) {
    has_rates = true;
    return AssignRate(rate, where, "limit_reads", &settings->limit_reads);
  });
  limits.ReadNested("WriteRate", [&](const nlohmann::json& rate, const std::string& where) {
    has_rates = true;
    return AssignRate(rate, where, "limit_writes", &settings->limit_writes);
  });
  if (Result<void> ok = limits.Finish(); !ok) return ok;
  if (has_rates && !has_mode) {
    return InvalidArgument(path +
                           ": say the mode, too: enforcing or permissive; without it Consul "
                           "would not limit anything");
  }
  return {};
}

void ReadConsulLimits(model::FieldReader& reader, ServerSettings* settings) {
  reader.ReadNested(
      "Limits", [settings](const nlohmann::json& value, const std::string& path) -> Result<void> {
        model::FieldReader limits(value, path, model::KeyStyle::kCamelOrSnakeCase);
        limits.ReadNested(
            "HTTPMaxConnsPerClient",
            [&](const nlohmann::json& count, const std::string& where) -> Result<void> {
              if (!count.is_number_integer())
                return InvalidArgument(where + ": expected a whole number");
              return SetOnce(where, "max_connections_per_address",
                             &settings->max_connections_per_address, count.dump());
            });
        limits.ReadNested("RequestLimits",
                          [&](const nlohmann::json& rates, const std::string& where) {
                            return ReadRequestLimits(rates, where, settings);
                          });
        return limits.Finish();
      });
}

}  // namespace

void TakeRequestLimits(SettingResolver& resolver, ServerOptions* options) {
  api::RequestLimitOptions& limits = options->request_limits;
  const std::pair<Limit, std::optional<std::string> ServerSettings::*> rates[] = {
      {Limit::kReads, &ServerSettings::limit_reads},
      {Limit::kWrites, &ServerSettings::limit_writes},
      {Limit::kReadsPerClient, &ServerSettings::limit_reads_per_client},
      {Limit::kWritesPerClient, &ServerSettings::limit_writes_per_client},
      {Limit::kReadsPerToken, &ServerSettings::limit_reads_per_token},
      {Limit::kWritesPerToken, &ServerSettings::limit_writes_per_token}};
  for (const auto& [limit, setting] : rates) resolver.Take(setting, &limits.of(limit), Rate(limit));
  resolver
      .Take(&ServerSettings::limit_failed_auth, &limits.failed_auth_per_minute,
            Number(NameOf(Limit::kFailedAuth), {0, kMaxFailures}))
      .Take(&ServerSettings::limit_exempt, &limits.exempt, ParseExempt)
      .Take(&ServerSettings::limit_mode, &limits.mode, ParseMode);
}

void ReadLimitSettings(model::FieldReader& reader, ServerSettings* settings) {
  for (const LimitKey& key : kLimitKeys) ReadLimit(reader, key, settings);
  ReadExempt(reader, settings);
  ReadConsulLimits(reader, settings);
}

}  // namespace rollcall::cli
