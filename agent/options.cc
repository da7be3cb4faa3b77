#include "agent/options.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <climits>
#include <utility>

#include "agent/dns_health.h"
#include "agent/node_identity.h"
#include "agent/probe/endpoint.h"
#include "registry/base/go_duration.h"

namespace rollcall::agent {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kDefaultServer = "http://127.0.0.1:8500";
constexpr milliseconds kMinNodeTtl = seconds(1);
constexpr milliseconds kMaxNodeTtl = std::chrono::hours(24);
constexpr std::chrono::hours kMaxDnsStale{168};
constexpr int kMaxCacheSize = 1 << 30;
constexpr std::chrono::hours kMaxCacheStale{24 * 365};
constexpr std::array<std::string_view, 7> kLogLevels = {"trace", "debug",    "info", "warn",
                                                        "error", "critical", "off"};

Error Bad(const std::string& setting, const std::string& why) {
  return InvalidArgument(setting + ": " + why);
}

struct Server {
  std::string url;
  probe::HostPort origin;
};

Result<Server> ReadServer(const std::string& text) {
  const bool has_scheme = text.find("://") != std::string::npos;
  Result<probe::HttpUrl> url = probe::ParseHttpUrl(has_scheme ? text : "http://" + text);
  if (!url) return Bad("server", url.error().message);
  if (url->target != "/") return Bad("server", "no path is expected in \"" + text + "\"");
  return Server{(url->tls ? "https://" : "http://") + url->host_header, url->origin};
}

bool IsLoopback(const std::string& host) {
  boost::system::error_code not_an_address;
  const auto address = boost::asio::ip::make_address(host, not_an_address);
  return not_an_address ? host == "localhost" : address.is_loopback();
}

Result<std::optional<ListenAddress>> ReadListen(const std::string& setting,
                                                const std::string& text) {
  if (text == "off") return std::optional<ListenAddress>();
  const Error bad = Bad(setting, "expected ADDRESS:PORT or off, found \"" + text + "\"");
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return bad;
  std::string host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::system::error_code not_an_address;
  boost::asio::ip::make_address(host, not_an_address);
  uint16_t port = 0;
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data() + colon + 1, last, port);
  if (not_an_address || error != std::errc() || end != last) return bad;
  return std::optional<ListenAddress>({std::move(host), port});
}

std::string HostName() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : "";
}

Result<model::Node> ResolveNode(const Settings& settings, const Server& server) {
  model::Node node;
  node.name = settings.node ? *settings.node : HostName();
  if (node.name.empty()) return Bad("node", "a name is needed");
  node.meta = settings.node_meta;
  if (settings.address) {
    boost::system::error_code not_an_address;
    const auto address = boost::asio::ip::make_address(*settings.address, not_an_address);
    if (settings.address->empty() || (!not_an_address && address.is_unspecified())) {
      return Bad("address", "other hosts cannot reach \"" + *settings.address + "\"");
    }
    node.address = *settings.address;
  } else {
    Result<std::string> address = AddressTowards(server.origin);
    if (!address) return Bad("address", "not set, and " + address.error().message);
    node.address = std::move(*address);
  }
  if (settings.node_id) {
    node.id = *settings.node_id;
  } else if (settings.data_dir) {
    Result<std::string> id = EnsureNodeId(*settings.data_dir);
    if (!id) return id.error();
    node.id = std::move(*id);
  }
  return node;
}

Result<void> ResolveListeners(const Settings& settings, bool server_is_here, Options* options) {
  const std::string unsaid_http = server_is_here ? "off" : "127.0.0.1:8500";
  const std::string unsaid_dns = server_is_here ? "off" : "127.0.0.1:8600";
  auto http = ReadListen("http", settings.http.value_or(unsaid_http));
  if (!http) return http.error();
  auto dns = ReadListen("dns", settings.dns.value_or(unsaid_dns));
  if (!dns) return dns.error();
  auto https = ReadListen("https", settings.https.value_or("off"));
  if (!https) return https.error();
  options->http = std::move(*http);
  options->https = std::move(*https);
  options->dns = std::move(*dns);
  return {};
}

Result<void> ResolveDns(const Settings& settings, Options* options) {
  if (settings.server_dns.size() > kMaxDnsServers) {
    return Bad("server_dns", "more than " + std::to_string(kMaxDnsServers) + " servers");
  }
  for (const std::string& text : settings.server_dns) {
    if (Result<probe::HostPort> where = probe::ParseHostPort(text); !where) {
      return Bad("server_dns", where.error().message);
    }
  }
  options->server_dns = settings.server_dns;
  if (!settings.dns_max_stale) return {};
  if (settings.dns_max_stale->count() < 0 || *settings.dns_max_stale > kMaxDnsStale) {
    return Bad("dns_max_stale",
               FormatGoDuration(*settings.dns_max_stale) + " is not between 0s and 168h");
  }
  // Above 0 it is on, however short.
  options->dns_max_stale = std::chrono::ceil<seconds>(*settings.dns_max_stale);
  return {};
}

Result<void> ResolveCache(const Settings& settings, Options* options) {
  if (settings.cache_size) {
    if (*settings.cache_size < 0 || *settings.cache_size > kMaxCacheSize) {
      return Bad("cache_size", std::to_string(*settings.cache_size) + " is not between 0 and " +
                                   std::to_string(kMaxCacheSize));
    }
    options->cache_size = static_cast<size_t>(*settings.cache_size);
  }
  if (settings.cache_stale_if_error) {
    if (settings.cache_stale_if_error->count() < 0 ||
        *settings.cache_stale_if_error > kMaxCacheStale) {
      return Bad("cache_stale_if_error",
                 FormatGoDuration(*settings.cache_stale_if_error) + " is not between 0s and 8760h");
    }
    options->cache_stale_if_error =
        std::chrono::duration_cast<seconds>(*settings.cache_stale_if_error);
  }
  return {};
}

}  // namespace

Result<Options> ResolveOptions(const Settings& settings) {
  Options options;
  std::vector<std::string> written = settings.servers;
  if (written.empty()) written.emplace_back(kDefaultServer);
  std::vector<Server> servers;
  for (const std::string& text : written) {
    Result<Server> server = ReadServer(text);
    if (!server) return server.error();
    options.servers.push_back(server->url);
    servers.push_back(std::move(*server));
  }
  const bool server_is_here = std::any_of(servers.begin(), servers.end(), [](const Server& server) {
    return IsLoopback(server.origin.host);
  });
  Result<void> listeners = ResolveListeners(settings, server_is_here, &options);
  if (!listeners) return listeners.error();
  if (Result<void> dns = ResolveDns(settings, &options); !dns) return dns.error();
  Result<SecurityOptions> security =
      ResolveSecurity(settings.security, {.datacenter = settings.datacenter.value_or("dc1"),
                                          .domain = settings.domain.value_or("consul"),
                                          .servers = options.servers,
                                          .serves_https = options.https.has_value()});
  if (!security) return security.error();
  options.security = std::move(*security);
  if (settings.node_ttl) {
    if (*settings.node_ttl < kMinNodeTtl || *settings.node_ttl > kMaxNodeTtl) {
      return Bad("node_ttl", FormatGoDuration(*settings.node_ttl) + " is not between 1s and 24h");
    }
    options.node_ttl = std::chrono::duration_cast<milliseconds>(*settings.node_ttl);
  }
  if (settings.check_update_interval) {
    if (settings.check_update_interval->count() < 0 ||
        *settings.check_update_interval > kMaxNodeTtl) {
      return Bad("check_update_interval",
                 FormatGoDuration(*settings.check_update_interval) + " is not between 0s and 24h");
    }
    options.check_update_interval =
        std::chrono::duration_cast<milliseconds>(*settings.check_update_interval);
  }
  options.data_dir = settings.data_dir.value_or("");
  if (Result<void> cache = ResolveCache(settings, &options); !cache) return cache.error();
  options.log_level = settings.log_level.value_or(options.log_level);
  if (std::find(kLogLevels.begin(), kLogLevels.end(), options.log_level) == kLogLevels.end()) {
    return Bad("log_level", "\"" + options.log_level +
                                "\" is none of trace, debug, info, warn, error, critical, off");
  }
  options.leave_on_terminate = settings.leave_on_terminate.value_or(true);
  options.api_script_checks = settings.enable_script_checks.value_or(false);
  Result<model::Node> node = ResolveNode(settings, servers.front());
  if (!node) return node.error();
  options.node = std::move(*node);
  return options;
}

Result<void> CheckSettings(const Settings& settings) {
  Settings without_host = settings;
  without_host.data_dir.reset();
  without_host.node = settings.node.value_or("node");
  without_host.address = settings.address.value_or("127.0.0.1");
  const Result<Options> options = ResolveOptions(without_host);
  return options ? Result<void>() : options.error();
}

}  // namespace rollcall::agent
