#include "cli/tls_settings.h"

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "cli/file_settings.h"
#include "cli/setting_values.h"
#include "registry/model/json_fields.h"

namespace rollcall::cli {
namespace {

SettingParser<std::optional<ListenAddress>> ListenOnOrOff(std::string_view name) {
  return [=](const std::string& text) -> Result<std::optional<ListenAddress>> {
    if (text == "off") return std::optional<ListenAddress>();
    Result<ListenAddress> address = ListenOn(name)(text);
    if (!address) return address.error();
    return std::optional<ListenAddress>(std::move(*address));
  };
}

SettingParser<std::string> PathOf(std::string_view name) {
  return [=](const std::string& text) -> Result<std::string> {
    if (text.empty()) return BadSetting(name, text, "leave it out or give it a value");
    return text;
  };
}

SettingParser<http::TlsVersion> TlsVersionOf(std::string_view name) {
  return [=](const std::string& text) -> Result<http::TlsVersion> {
    const Result<http::TlsVersion> version = http::ParseTlsVersion(text);
    if (version) return version;
    return BadSetting(name, text, "expected TLSv1_2 or TLSv1_3; older ones are not spoken");
  };
}

bool IsLoopback(const std::string& address) {
  return address.starts_with("127.") || address == "::1";
}

// The one setting in two places of a file.
struct ConsulTlsKey {
  std::string_view name;
  std::string_view own_key;
  std::optional<std::string> ServerSettings::*setting;
};
constexpr ConsulTlsKey kConsulTlsKeys[] = {
    {"CertFile", "tls_cert_file", &ServerSettings::tls_cert_file},
    {"KeyFile", "tls_key_file", &ServerSettings::tls_key_file},
    {"CAFile", "tls_ca_file", &ServerSettings::tls_ca_file},
    {"VerifyIncoming", "tls_verify_incoming", &ServerSettings::tls_verify_incoming},
    // Of one name in both languages.
    {"TLSMinVersion", "tls.defaults.tls_min_version", &ServerSettings::tls_min_version},
};

// What is in "tls.defaults", and was at the top before.
void ReadConsulKeys(model::FieldReader& reader, ServerSettings* settings) {
  for (const ConsulTlsKey& key : kConsulTlsKeys) {
    reader.ReadNested(key.name,
                      [&](const nlohmann::json& of_key, const std::string& where) -> Result<void> {
                        const bool is_bool = key.name == "VerifyIncoming";
                        if (is_bool ? !of_key.is_boolean() : !of_key.is_string()) {
                          return InvalidArgument(where + ": expected " +
                                                 (is_bool ? "true or false" : "a string"));
                        }
                        return SetOnce(where, key.own_key, &(settings->*key.setting),
                                       is_bool ? of_key.dump() : of_key.get<std::string>());
                      });
  }
  // Whom the server asks over TLS, it verifies: etcd by settings of its own, the other servers of a
  // shared store by their names as servers.
  reader.Ignore("VerifyOutgoing");
}

Result<void> ReadDefaults(const nlohmann::json& value, const std::string& path,
                          ServerSettings* settings) {
  model::FieldReader defaults(value, path, model::KeyStyle::kCamelOrSnakeCase);
  ReadConsulKeys(defaults, settings);
  return defaults.Finish();
}

}  // namespace

void TakeHttpSettings(SettingResolver& resolver, ServerOptions* options) {
  resolver.Take(&ServerSettings::http, &options->http, ListenOnOrOff("http"))
      .Take(&ServerSettings::https, &options->https, ListenOnOrOff("https"))
      .Take(&ServerSettings::tls_cert_file, &options->tls_cert_file, PathOf("tls-cert-file"))
      .Take(&ServerSettings::tls_key_file, &options->tls_key_file, PathOf("tls-key-file"))
      .Take(&ServerSettings::tls_ca_file, &options->tls_ca_file, PathOf("tls-ca-file"))
      .Take(&ServerSettings::tls_verify_incoming, &options->tls_verify_incoming,
            [](const std::string& text) {
              constexpr std::string_view kName = "tls-verify-incoming";
              return TrueOrFalse(kName)(text.empty() ? "true" : text);  // the flag by itself
            })
      .Take(&ServerSettings::tls_min_version, &options->tls_min_version,
            TlsVersionOf("tls-min-version"));
}

Result<void> CheckHttpSettings(const ServerOptions& o) {
  if (!o.http && !o.https) {
    return InvalidArgument("http \"off\": there is no --https IP:PORT either; give one of them");
  }
  if (o.tls_cert_file.empty() != o.tls_key_file.empty()) {
    return InvalidArgument("--tls-cert-file and --tls-key-file go together");
  }
  const bool has_tls = !o.tls_cert_file.empty() || !o.tls_ca_file.empty() ||
                       o.tls_verify_incoming || o.tls_min_version != http::TlsVersion::k12;
  if (!o.https && has_tls) {
    return InvalidArgument(
        "settings of TLS are given: say --https IP:PORT where it is to be served");
  }
  if (o.https && o.tls_cert_file.empty()) {
    return InvalidArgument("--https needs --tls-cert-file FILE and --tls-key-file FILE");
  }
  if (o.tls_verify_incoming && o.tls_ca_file.empty()) {
    return InvalidArgument(
        "--tls-verify-incoming needs --tls-ca-file FILE, the authorities of the clients' "
        "certificates");
  }
  return {};
}

bool OthersComeByHttps(const ServerOptions& options) {
  if (!options.https) return false;
  return !options.http || (IsLoopback(options.http->address) && !IsLoopback(options.advertise));
}

void ReadConsulTls(model::FieldReader& reader, ServerSettings* settings) {
  reader.ReadNested(
      "TLS", [settings](const nlohmann::json& value, const std::string& path) -> Result<void> {
        model::FieldReader tls(value, path, model::KeyStyle::kCamelOrSnakeCase);
        tls.ReadNested("Defaults",
                       [settings](const nlohmann::json& defaults, const std::string& where) {
                         return ReadDefaults(defaults, where, settings);
                       });
        tls.ReadNested("InternalRPC", [](const nlohmann::json& rpc, const std::string& where) {
          return model::FieldReader(rpc, where, model::KeyStyle::kCamelOrSnakeCase)
              .Ignore("VerifyServerHostname")
              .Finish();
        });
        return tls.Finish();
      });
  ReadConsulKeys(reader, settings);
  reader.Ignore("VerifyServerHostname");
}

http::TlsFiles TlsFilesOf(const ServerOptions& options) {
  return {options.tls_cert_file, options.tls_key_file, options.tls_ca_file,
          options.tls_verify_incoming, options.tls_min_version};
}

}  // namespace rollcall::cli
