#include "cli/access_settings.h"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "cli/file_settings.h"
#include "cli/setting_values.h"
#include "registry/model/json_fields.h"

namespace rollcall::cli {
namespace {

Result<void> ReadTokens(const nlohmann::json& value, const std::string& path,
                        ServerSettings* settings) {
  model::FieldReader tokens(value, path, model::KeyStyle::kCamelOrSnakeCase);
  ReadTextSetting(tokens, "Default", &settings->acl_default_token);
  ReadTextSetting(tokens, "DNS", &settings->acl_dns_token);
  // Of agents, and of what servers of Consul do among themselves.
  tokens.Ignore("Agent");
  tokens.Ignore("Replication");
  return tokens.Finish();
}

// Never shows the text: it is a secret, or is near one.
SettingParser<std::string> Secret(std::string_view name) {
  return [=](const std::string& text) -> Result<std::string> {
    if (text.size() > 256 || text.find_first_of("\r\n") != std::string::npos) {
      return InvalidArgument(std::string(name) +
                             ": expected the secret of a token, one line of at most 256 bytes");
    }
    return text;
  };
}

}  // namespace

void TakeAccessSettings(SettingResolver& resolver, ServerOptions* options) {
  AccessSettings& access = options->access;
  resolver
      .Take(&ServerSettings::acl, &access.enabled,
            [](const std::string& text) {
              return TrueOrFalse("acl")(text.empty() ? "true" : text);  // the flag by itself
            })
      .Take(&ServerSettings::acl_default_policy, &access.default_policy,
            OneOf("acl-default-policy", {"allow", "deny"}, "expected allow or deny"))
      .Take(&ServerSettings::acl_down_policy, &access.down_policy,
            OneOf("acl.down_policy", {"allow", "deny", "extend-cache", "async-cache"},
                  "expected allow, deny, extend-cache or async-cache"))
      .Take(&ServerSettings::acl_default_token, &access.default_token, Secret("acl.tokens.default"))
      .Take(&ServerSettings::acl_dns_token, &access.dns_token, Secret("acl.tokens.dns"));
}

Result<void> CheckAccessSettings(const ServerOptions& options) {
  const AccessSettings& access = options.access;
  if (!access.enabled && (!access.default_token.empty() || !access.dns_token.empty())) {
    return InvalidArgument(
        "acl.tokens are given, and access is not controlled: say \"enabled\": true, or --acl");
  }
  return {};
}

void ReadConsulAcl(model::FieldReader& reader, ServerSettings* settings) {
  reader.ReadNested(
      "ACL", [settings](const nlohmann::json& value, const std::string& path) -> Result<void> {
        model::FieldReader acl(value, path, model::KeyStyle::kCamelOrSnakeCase);
        ReadBoolSetting(acl, "Enabled", &settings->acl);
        ReadTextSetting(acl, "DefaultPolicy", &settings->acl_default_policy);
        ReadTextSetting(acl, "DownPolicy", &settings->acl_down_policy);
        acl.ReadNested("Tokens",
                       [settings](const nlohmann::json& tokens, const std::string& where) {
                         return ReadTokens(tokens, where, settings);
                       });
        return acl.Finish();
      });
}

acl::BearerCache::Options BearerOptionsOf(const ServerOptions& options) {
  acl::BearerCache::Options bearers;
  bearers.enabled = options.access.enabled;
  bearers.otherwise = options.access.default_policy == "allow" ? acl::DefaultPolicy::kAllow
                                                               : acl::DefaultPolicy::kDeny;
  bearers.datacenter = options.datacenter;
  bearers.on_damage = [](const std::string& what) { spdlog::error("access control: {}", what); };
  return bearers;
}

}  // namespace rollcall::cli
