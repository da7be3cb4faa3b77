#include "cli/server_options.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <thread>

#include "registry/base/go_bool.h"
#include "registry/base/go_duration.h"
#include "registry/model/json_fields.h"

namespace rollcall::cli {
namespace {

constexpr size_t kMaxConfigBytes = 1 << 20;

// A name as it appears in URLs, DNS names and log lines.
bool IsPlainName(std::string_view text, std::string_view also) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [also](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           also.find(c) != std::string_view::npos;
  });
}

Error Bad(std::string_view name, std::string_view value, std::string_view wanted) {
  return InvalidArgument(std::string(name) + " \"" + std::string(value) +
                         "\": " + std::string(wanted));
}

std::optional<std::string> IpAddress(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(std::string(text), error);
  if (error) return std::nullopt;
  return address.to_string();
}

Result<ListenAddress> ParseListenAddress(std::string_view name, std::string_view text) {
  constexpr std::string_view kWanted = "expected IP:PORT, as in 127.0.0.1:8500";
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return Bad(name, text, kWanted);
  const std::optional<std::string> address = IpAddress(text.substr(0, colon));
  const std::string_view digits = text.substr(colon + 1);
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (!address || digits.empty() || error != std::errc() || end != digits.data() + digits.size()) {
    return Bad(name, text, kWanted);
  }
  return ListenAddress{*address, port};
}

Result<std::chrono::seconds> ParseTtl(std::string_view name, const std::string& text) {
  const Result<std::chrono::nanoseconds> parsed = ParseGoDuration(text);
  const auto seconds =
      parsed ? std::chrono::duration_cast<std::chrono::seconds>(*parsed) : std::chrono::seconds(-1);
  // DNS counts in whole seconds, up to 2^31 - 1 of them (RFC 2181 section 8).
  if (!parsed || *parsed != seconds || seconds.count() < 0 || seconds.count() > INT32_MAX) {
    return Bad(name, text, "expected whole seconds, as in 10s or 1m");
  }
  return seconds;
}

// "5s" for all services, or "*=5s,web=30s,db*=10s".
Result<dns::ServiceTtls> ParseServiceTtls(const std::string& text) {
  constexpr std::string_view kName = "service-ttl";
  if (text.find('=') == std::string::npos) {
    const Result<std::chrono::seconds> ttl = ParseTtl(kName, text);
    if (!ttl) return ttl.error();
    return dns::ServiceTtls(*ttl);
  }
  dns::ServiceTtls ttls;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const std::string part = text.substr(begin, end - begin);
    const size_t equals = part.find('=');
    if (equals == std::string::npos) {
      return Bad(kName, text, "expected NAME=TTL,..., as in *=5s,web=30s,db*=10s");
    }
    const Result<std::chrono::seconds> ttl = ParseTtl(kName, part.substr(equals + 1));
    if (!ttl) return ttl.error();
    if (!ttls.Add(part.substr(0, equals), *ttl)) {
      return Bad(kName, text,
                 "\"" + part.substr(0, equals) +
                     "\" is there twice, or no name of a service, with * at its end or not");
    }
    begin = end + 1;
  }
  return ttls;
}

struct Range {
  size_t min;
  size_t max;
};

// A whole number within `range`.
auto Number(std::string_view name, Range range) {
  return [=](const std::string& text) -> Result<size_t> {
    size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size() && number >= range.min &&
        number <= range.max) {
      return number;
    }
    return Bad(
        name, text,
        "expected a number from " + std::to_string(range.min) + " to " + std::to_string(range.max));
  };
}

constexpr Range kAnyCount{0, 1'000'000'000};

// A time limit; 0 stands for what `zero` says.
auto TimeLimit(std::string_view name, std::string_view zero) {
  return [=](const std::string& text) -> Result<std::chrono::milliseconds> {
    const Result<std::chrono::nanoseconds> parsed = ParseGoDuration(text);
    const auto limit = parsed ? std::chrono::duration_cast<std::chrono::milliseconds>(*parsed)
                              : std::chrono::milliseconds(-1);
    if (!parsed || *parsed != limit || limit.count() < 0 || limit > std::chrono::hours(24)) {
      return Bad(name, text,
                 "expected whole milliseconds up to 24h, as in 10s or 500ms; 0s means " +
                     std::string(zero));
    }
    return limit;
  };
}

std::string HostName() {
  char name[256] = {};
  return gethostname(name, sizeof(name) - 1) == 0 ? name : "localhost";
}

bool IsWildcard(const std::string& address) { return address == "0.0.0.0" || address == "::"; }

// Takes what is set, the flag first, through `parse` into `out`.
class Resolver {
 public:
  Resolver(const ServerSettings& flags, const ServerSettings& file) : flags_(flags), file_(file) {}

  const std::string* Find(std::optional<std::string> ServerSettings::*setting) const {
    if (flags_.*setting) return &*(flags_.*setting);
    return file_.*setting ? &*(file_.*setting) : nullptr;
  }

  template <typename T, typename Parse>
  Resolver& Take(std::optional<std::string> ServerSettings::*setting, T* out, const Parse& parse) {
    const std::string* text = Find(setting);
    if (text == nullptr || error_) return *this;
    auto parsed = parse(*text);
    if (parsed) {
      *out = std::move(*parsed);
    } else {
      error_ = parsed.error();
    }
    return *this;
  }

  const std::optional<Error>& error() const { return error_; }

 private:
  const ServerSettings& flags_;
  const ServerSettings& file_;
  std::optional<Error> error_;
};

// A check of a name that is otherwise taken as it is.
auto Named(std::string_view name, std::string_view also, std::string_view wanted) {
  return [=](const std::string& text) -> Result<std::string> {
    if (!IsPlainName(text, also)) return Bad(name, text, wanted);
    return text;
  };
}

Result<std::string> ParseLogLevel(const std::string& text) {
  for (const char* level : {"trace", "debug", "info", "warn", "error", "off"}) {
    if (text == level) return text;
  }
  return Bad("log-level", text, "expected trace, debug, info, warn, error or off");
}

Result<std::string> ParseDnsAny(const std::string& text) {
  if (text == "minimal" || text == "all") return text;
  return Bad("dns-any", text, "expected minimal or all");
}

Result<bool> ParseOnlyPassing(const std::string& text) {
  const std::optional<bool> parsed = ParseGoBool(text);
  if (!parsed) return Bad("only-passing", text, "expected true or false");
  return *parsed;
}

Result<std::string> ParseAdvertise(const std::string& text) {
  const std::optional<std::string> address = IpAddress(text);
  if (!address || IsWildcard(*address)) {
    return Bad("advertise", text, "expected the IP address at which others reach this server");
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
    {"HTTP", &ServerSettings::http},
    {"DNS", &ServerSettings::dns},
    {"Advertise", &ServerSettings::advertise},
    {"LogLevel", &ServerSettings::log_level},
    {"NodeTTL", &ServerSettings::node_ttl},
    {"NegativeTTL", &ServerSettings::negative_ttl},
    {"DNSAny", &ServerSettings::dns_any},
    {"HeaderTimeout", &ServerSettings::header_timeout},
    {"BodyTimeout", &ServerSettings::body_timeout},
    {"IdleTimeout", &ServerSettings::idle_timeout},
    {"WriteTimeout", &ServerSettings::write_timeout},
    {"DrainGrace", &ServerSettings::drain_grace},
};
constexpr FileKey kNumberKeys[] = {
    {"Workers", &ServerSettings::workers},
    {"MaxUDPPayload", &ServerSettings::max_udp_payload},
    {"MaxBodyBytes", &ServerSettings::max_body_bytes},
    {"MaxHeaderBytes", &ServerSettings::max_header_bytes},
    {"MaxConnections", &ServerSettings::max_connections},
    {"MaxConnectionsPerAddress", &ServerSettings::max_connections_per_address},
    {"MaxParkedQueries", &ServerSettings::max_parked_queries},
};

void ReadNumber(model::FieldReader& reader, std::string_view name,
                std::optional<std::string>* out) {
  reader.ReadNested(name,
                    [out](const nlohmann::json& value, const std::string& path) -> Result<void> {
                      if (!value.is_number_integer())
                        return InvalidArgument(path + ": expected a whole number");
                      *out = value.dump();
                      return {};
                    });
}

void ReadBool(model::FieldReader& reader, std::string_view name, std::optional<std::string>* out) {
  reader.ReadNested(name,
                    [out](const nlohmann::json& value, const std::string& path) -> Result<void> {
                      if (!value.is_boolean())
                        return InvalidArgument(path + ": expected true or false");
                      *out = value.dump();
                      return {};
                    });
}

// One TTL, or as in Consul one for each name: {"*": "5s", "web": "30s", "db*": "10s"}.
void ReadServiceTtls(model::FieldReader& reader, std::optional<std::string>* out) {
  reader.ReadNested(
      "ServiceTTL", [out](const nlohmann::json& value, const std::string& path) -> Result<void> {
        if (value.is_string()) {
          *out = value.get<std::string>();
          return {};
        }
        if (!value.is_object()) {
          return InvalidArgument(path + ": expected a string, or an object of strings");
        }
        std::string text;
        for (const auto& [name, ttl] : value.items()) {
          if (!ttl.is_string()) return InvalidArgument(path + "." + name + ": expected a string");
          if (name.find_first_of("=,") != std::string::npos) {
            return InvalidArgument(path + ": \"" + name + "\" is no name of a service");
          }
          text += (text.empty() ? "" : ",") + name + "=" + ttl.get<std::string>();
        }
        if (!text.empty()) *out = std::move(text);
        return {};
      });
}

// The one limit of Consul's configuration that means the same here.
void ReadConsulLimits(model::FieldReader& reader, ServerSettings* settings) {
  reader.ReadNested(
      "Limits", [settings](const nlohmann::json& value, const std::string& path) -> Result<void> {
        std::optional<std::string> per_address;
        model::FieldReader limits(value, path, model::KeyStyle::kCamelOrSnakeCase);
        ReadNumber(limits, "HTTPMaxConnsPerClient", &per_address);
        if (Result<void> ok = limits.Finish(); !ok || !per_address) return ok;
        if (settings->max_connections_per_address) {
          return InvalidArgument(path + ".http_max_conns_per_client: the same as " +
                                 "max_connections_per_address; leave one of them out");
        }
        settings->max_connections_per_address = std::move(per_address);
        return {};
      });
}

// Takes the settings of the HTTP server's limits.
void TakeLimits(Resolver& resolver, ServerOptions* options) {
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
  const auto read = [&reader](std::string_view name, std::optional<std::string>* out) {
    std::string value;
    const std::string unset = "\n";  // no setting's value
    value = unset;
    reader.Read(name, &value);
    if (value != unset) *out = std::move(value);
  };
  for (const FileKey& key : kTextKeys) read(key.name, &(settings.*key.setting));
  for (const FileKey& key : kNumberKeys) ReadNumber(reader, key.name, &(settings.*key.setting));
  ReadServiceTtls(reader, &settings.service_ttl);
  ReadBool(reader, "OnlyPassing", &settings.only_passing);
  ReadConsulLimits(reader, &settings);
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
  const auto ttl = [](std::string_view name) {
    return [name](const std::string& text) { return ParseTtl(name, text); };
  };
  Resolver resolver(flags, file);
  resolver
      .Take(&ServerSettings::datacenter, &options.datacenter,
            Named("datacenter", "-_", "expected letters, digits, - and _"))
      .Take(&ServerSettings::domain, &options.domain,
            Named("domain", "-_.", "expected a DNS name, as in consul"))
      .Take(&ServerSettings::alt_domain, &options.alt_domain,
            Named("alt-domain", "-_.", "expected a DNS name, as in sd.example.com"))
      .Take(&ServerSettings::node, &options.node,
            Named("node", "-_.", "expected letters, digits, -, _ and ."))
      .Take(&ServerSettings::http, &options.http,
            [](const std::string& text) { return ParseListenAddress("http", text); })
      .Take(&ServerSettings::dns, &options.dns,
            [](const std::string& text) -> Result<std::optional<ListenAddress>> {
              if (text == "off") return std::optional<ListenAddress>();
              Result<ListenAddress> address = ParseListenAddress("dns", text);
              if (!address) return address.error();
              return std::optional<ListenAddress>(std::move(*address));
            })
      .Take(&ServerSettings::advertise, &options.advertise, ParseAdvertise)
      .Take(&ServerSettings::workers, &options.workers, Number("workers", {1, 256}))
      .Take(&ServerSettings::log_level, &options.log_level, ParseLogLevel)
      .Take(&ServerSettings::service_ttl, &options.service_ttl, ParseServiceTtls)
      .Take(&ServerSettings::node_ttl, &options.node_ttl, ttl("node-ttl"))
      .Take(&ServerSettings::negative_ttl, &options.negative_ttl, ttl("negative-ttl"))
      .Take(&ServerSettings::dns_any, &options.dns_any, ParseDnsAny)
      .Take(&ServerSettings::only_passing, &options.only_passing, ParseOnlyPassing)
      .Take(&ServerSettings::max_udp_payload, &options.max_udp_payload,
            Number("max-udp-payload", {512, 65535}));
  TakeLimits(resolver, &options);
  if (resolver.error()) return *resolver.error();

  const std::string* data_dir = resolver.Find(&ServerSettings::data_dir);
  if (storage == Storage::kDataDirectory) {
    if (data_dir == nullptr || data_dir->empty()) {
      return InvalidArgument("no data directory: give --data-dir DIR, or --dev to keep nothing");
    }
    options.data_dir = *data_dir;
  } else if (data_dir != nullptr) {
    return Bad("data-dir", *data_dir, "--dev keeps nothing; leave one of them out");
  }
  if (options.advertise.empty()) {
    if (IsWildcard(options.http.address)) {
      return Bad("http", options.http.address,
                 "listening on every address: give --advertise IP, the one that others reach");
    }
    options.advertise = options.http.address;
  }
  return options;
}

}  // namespace rollcall::cli
