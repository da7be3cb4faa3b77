#include "cli/server_options.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/access_settings.h"
#include "cli/audit_settings.h"
#include "cli/dns_settings.h"
#include "cli/file_settings.h"
#include "cli/limit_settings.h"
#include "cli/setting_resolver.h"
#include "cli/setting_values.h"
#include "cli/store_settings.h"
#include "cli/tls_settings.h"
#include "registry/model/json_fields.h"

namespace rollcall::cli {
namespace {

constexpr size_t kMaxConfigBytes = 1 << 20;

std::string HostName() {
  char name[256] = {};
  return gethostname(name, sizeof(name) - 1) == 0 ? name : "localhost";
}

Result<std::string> ParseAdvertise(const std::string& text) {
  const std::optional<std::string> address = ParseIpText(text);
  if (!address || IsWildcard(*address)) {
    return BadSetting("advertise", text,
                      "expected the IP address at which others reach this server");
  }
  return *address;
}

// The file's keys, by the kind of their values.
struct FileKey {
  std::string_view name;
  std::optional<std::string> ServerSettings::*setting;
};

constexpr FileKey kTextKeys[] = {
    {"Datacenter", &ServerSettings::datacenter},
    {"Domain", &ServerSettings::domain},
    {"AltDomain", &ServerSettings::alt_domain},
    {"Node", &ServerSettings::node},
    {"DataDir", &ServerSettings::data_dir},
    {"Store", &ServerSettings::store},
    {"EtcdPasswordFile", &ServerSettings::etcd_password_file},
    {"EtcdCAFile", &ServerSettings::etcd_ca_file},
    {"EtcdCertFile", &ServerSettings::etcd_cert_file},
    {"EtcdKeyFile", &ServerSettings::etcd_key_file},
    {"EtcdServerName", &ServerSettings::etcd_server_name},
    {"MaxStale", &ServerSettings::max_stale},
    {"HTTP", &ServerSettings::http},
    {"HTTPS", &ServerSettings::https},
    {"TLSCertFile", &ServerSettings::tls_cert_file},
    {"TLSKeyFile", &ServerSettings::tls_key_file},
    {"TLSCAFile", &ServerSettings::tls_ca_file},
    {"DNS", &ServerSettings::dns},
    {"Advertise", &ServerSettings::advertise},
    {"LogLevel", &ServerSettings::log_level},
    {"NodeTTL", &ServerSettings::node_ttl},
    {"NegativeTTL", &ServerSettings::negative_ttl},
    {"DNSAny", &ServerSettings::dns_any},
    {"DNSOrder", &ServerSettings::dns_order},
    {"DNSCookieSecretFile", &ServerSettings::dns_cookie_secret_file},
    {"DNSIdleTimeout", &ServerSettings::dns_idle_timeout},
    {"RecursorTimeout", &ServerSettings::recursor_timeout},
    {"HeaderTimeout", &ServerSettings::header_timeout},
    {"BodyTimeout", &ServerSettings::body_timeout},
    {"IdleTimeout", &ServerSettings::idle_timeout},
    {"WriteTimeout", &ServerSettings::write_timeout},
    {"DrainGrace", &ServerSettings::drain_grace},
    {"LimitMode", &ServerSettings::limit_mode},
    {"AuditLog", &ServerSettings::audit_log},
    {"AuditLogMaxAge", &ServerSettings::audit_log_max_age},
    {"AuditSyslogSocket", &ServerSettings::audit_syslog_socket},
};
constexpr FileKey kNumberKeys[] = {
    {"Workers", &ServerSettings::workers},
    {"MaxUDPPayload", &ServerSettings::max_udp_payload},
    {"DNSMaxAnswers", &ServerSettings::dns_max_answers},
    {"DNSRateLimit", &ServerSettings::dns_rate_limit},
    {"DNSMaxConnections", &ServerSettings::dns_max_connections},
    {"DNSMaxConnectionsPerAddress", &ServerSettings::dns_max_connections_per_address},
    {"MaxBodyBytes", &ServerSettings::max_body_bytes},
    {"MaxHeaderBytes", &ServerSettings::max_header_bytes},
    {"MaxConnections", &ServerSettings::max_connections},
    {"MaxConnectionsPerAddress", &ServerSettings::max_connections_per_address},
    {"MaxParkedQueries", &ServerSettings::max_parked_queries},
    {"AuditLogMaxSize", &ServerSettings::audit_log_max_size},
    {"AuditLogMaxFiles", &ServerSettings::audit_log_max_files},
};

// Takes the settings of the HTTP server's limits.
void TakeLimits(SettingResolver& resolver, ServerOptions* options) {
  const auto time = [](std::string_view name) { return TimeLimit(name, "no limit"); };
  http::Limits& limits = options->limits;
  resolver
      .Take(&ServerSettings::max_body_bytes, &limits.max_body_bytes,
            Number("max-body-bytes", {1, 1 << 30}))
      .Take(&ServerSettings::max_header_bytes, &limits.max_header_bytes,
            Number("max-header-bytes", {1024, 16 << 20}))
      .Take(&ServerSettings::max_connections, &options->max_connections,
            Number("max-connections", kAnyCount))
      .Take(&ServerSettings::max_connections_per_address, &options->max_connections_per_address,
            Number("max-connections-per-address", kAnyCount))
      .Take(&ServerSettings::max_parked_queries, &options->max_parked_queries,
            Number("max-parked-queries", kAnyCount))
      .Take(&ServerSettings::header_timeout, &limits.header_timeout, time("header-timeout"))
      .Take(&ServerSettings::body_timeout, &limits.body_timeout, time("body-timeout"))
      .Take(&ServerSettings::idle_timeout, &limits.idle_timeout, time("idle-timeout"))
      .Take(&ServerSettings::write_timeout, &limits.write_timeout, time("write-timeout"))
      .Take(&ServerSettings::drain_grace, &options->drain_grace,
            TimeLimit("drain-grace", "no waiting"));
}

}  // namespace

Result<ServerSettings> ReadServerConfig(const std::string& path) {
  const auto in_file = [&path](const std::string& what) {
    return InvalidArgument("configuration file " + path + ": " + what);
  };
  struct stat status = {};
  if (stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return in_file("cannot be read; give the path of a JSON file");
  }
  if (status.st_size > static_cast<off_t>(kMaxConfigBytes)) return in_file("larger than 1 MiB");
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) return in_file("cannot be read");
  const Result<nlohmann::json> parsed = model::ParseJson(text);
  if (!parsed) return in_file(parsed.error().message);

  ServerSettings settings;
  model::FieldReader reader(*parsed, "", model::KeyStyle::kCamelOrSnakeCase);
  for (const FileKey& key : kTextKeys) {
    ReadTextSetting(reader, key.name, &(settings.*key.setting));
  }
  for (const FileKey& key : kNumberKeys) {
    ReadNumberSetting(reader, key.name, &(settings.*key.setting));
  }
  ReadDnsSettings(reader, &settings);
  ReadBoolSetting(reader, "OnlyPassing", &settings.only_passing);
  ReadBoolSetting(reader, "TLSVerifyIncoming", &settings.tls_verify_incoming);
  ReadConsulTls(reader, &settings);
  ReadConsulAcl(reader, &settings);
  ReadLimitSettings(reader, &settings);
  ReadConsulAudit(reader, &settings);
  if (Result<void> ok = reader.Finish(); !ok) return in_file(ok.error().message);
  return settings;
}

Result<ServerOptions> ResolveServerOptions(const ServerSettings& flags, const ServerSettings& file,
                                           Storage storage) {
  ServerOptions options;
  // Not the bare host name: that is what an agent on the same host calls its node.
  options.node = HostName() + "-registry";
  options.dns = ListenAddress{"127.0.0.1", 8600};
  options.workers = std::max(1u, std::thread::hardware_concurrency());
  SettingResolver resolver(flags, file);
  resolver.Take(&ServerSettings::datacenter, &options.datacenter, DatacenterName("datacenter"))
      .Take(&ServerSettings::domain, &options.domain, DomainName("domain", "consul"))
      .Take(&ServerSettings::alt_domain, &options.alt_domain,
            DomainName("alt-domain", "sd.example.com"))
      .Take(&ServerSettings::node, &options.node, NodeName("node"))
      .Take(&ServerSettings::dns, &options.dns,
            [](const std::string& text) -> Result<std::optional<ListenAddress>> {
              if (text == "off") return std::optional<ListenAddress>();
              Result<ListenAddress> address = ListenOn("dns")(text);
              if (!address) return address.error();
              return std::optional<ListenAddress>(std::move(*address));
            })
      .Take(&ServerSettings::advertise, &options.advertise, ParseAdvertise)
      .Take(&ServerSettings::workers, &options.workers, Number("workers", {1, 256}))
      .Take(&ServerSettings::log_level, &options.log_level,
            OneOf("log-level", {"trace", "debug", "info", "warn", "error", "off"},
                  "expected trace, debug, info, warn, error or off"));
  TakeHttpSettings(resolver, &options);
  TakeAccessSettings(resolver, &options);
  TakeDnsSettings(resolver, &options);
  TakeLimits(resolver, &options);
  TakeRequestLimits(resolver, &options);
  TakeAuditSettings(resolver, &options);
  if (resolver.error()) return *resolver.error();
  if (Result<void> ok = TakeStoreSettings(resolver, storage, &options); !ok) return ok.error();
  if (resolver.error()) return *resolver.error();
  if (Result<void> ok = CheckHttpSettings(options); !ok) return ok.error();
  if (Result<void> ok = CheckAccessSettings(options); !ok) return ok.error();
  if (options.advertise.empty()) {
    const ListenAddress& listen = options.http ? *options.http : *options.https;
    if (IsWildcard(listen.address)) {
      return BadSetting(
          options.http ? "http" : "https", listen.address,
          "listening on every address: give --advertise IP, the one that others reach");
    }
    options.advertise = listen.address;
  }
  return options;
}

}  // namespace rollcall::cli
