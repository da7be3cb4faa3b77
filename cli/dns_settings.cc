#include "cli/dns_settings.h"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cli/setting_values.h"
#include "dns/constants.h"

namespace rollcall::cli {
namespace {

// "5s" for all services, or "*=5s,web=30s,db*=10s".
Result<dns::ServiceTtls> ParseServiceTtls(const std::string& text) {
  constexpr std::string_view kName = "service-ttl";
  if (text.find('=') == std::string::npos) {
    const Result<std::chrono::seconds> ttl = Ttl(kName)(text);
    if (!ttl) return ttl.error();
    return dns::ServiceTtls(*ttl);
  }
  dns::ServiceTtls ttls;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const std::string part = text.substr(begin, end - begin);
    const size_t equals = part.find('=');
    if (equals == std::string::npos) {
      return BadSetting(kName, text, "expected NAME=TTL,..., as in *=5s,web=30s,db*=10s");
    }
    const Result<std::chrono::seconds> ttl = Ttl(kName)(part.substr(equals + 1));
    if (!ttl) return ttl.error();
    if (!ttls.Add(part.substr(0, equals), *ttl)) {
      return BadSetting(kName, text,
                        "\"" + part.substr(0, equals) +
                            "\" is there twice, or no name of a service, with * at its end or not");
    }
    begin = end + 1;
  }
  return ttls;
}

Result<dns::AnswerOrder> ParseOrder(const std::string& text) {
  if (text == "random") return dns::AnswerOrder::kRandom;
  if (text == "stable") return dns::AnswerOrder::kStable;
  return BadSetting("dns-order", text, "expected random or stable");
}

Result<std::vector<dns::RecursorAddress>> ParseRecursors(const std::string& text) {
  std::vector<dns::RecursorAddress> recursors;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    Result<dns::RecursorAddress> recursor =
        dns::RecursorAddress::Parse(std::string_view(text).substr(begin, end - begin));
    if (!recursor) return recursor.error();
    recursors.push_back(*recursor);
    begin = end + 1;
  }
  return recursors;
}

Result<NetworkSet> ParseAllowRecursion(const std::string& text) {
  Result<NetworkSet> networks = NetworkSet::Parse(text);
  if (!networks) return InvalidArgument("allow-recursion: " + networks.error().message);
  return networks;
}

// 32 hex digits, as `openssl rand -hex 16` writes them. What is in the file is never told.
Result<std::optional<dns::CookieSecret>> ReadCookieSecret(const std::string& path) {
  constexpr std::string_view kName = "dns-cookie-secret-file";
  std::ifstream file(path, std::ios::binary);
  std::string digits;
  if (!file || !(file >> digits)) return BadSetting(kName, path, "cannot be read, or is empty");
  dns::CookieSecret secret;
  std::string rest;
  bool is_hex = digits.size() == 2 * secret.size() && !(file >> rest);
  for (size_t i = 0; is_hex && i < secret.size(); ++i) {
    const char* const first = digits.data() + 2 * i;
    const auto [end, error] = std::from_chars(first, first + 2, secret[i], 16);
    is_hex = error == std::errc() && end == first + 2;
  }
  if (!is_hex) {
    return BadSetting(kName, path,
                      "expected 32 hex digits in it, as `openssl rand -hex 16` writes");
  }
  return std::optional(secret);
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

// A string, or a list of strings that become one with commas.
void ReadTexts(model::FieldReader& reader, std::string_view name, std::optional<std::string>* out) {
  reader.ReadNested(name,
                    [out](const nlohmann::json& value, const std::string& path) -> Result<void> {
                      if (value.is_string()) {
                        *out = value.get<std::string>();
                        return {};
                      }
                      std::string text;
                      for (const nlohmann::json& each : value) {
                        if (!value.is_array() || !each.is_string() ||
                            each.get_ref<const std::string&>().find(',') != std::string::npos) {
                          return InvalidArgument(path + ": expected a list of strings");
                        }
                        text += (text.empty() ? "" : ",") + each.get<std::string>();
                      }
                      if (!value.is_array())
                        return InvalidArgument(path + ": expected a list of strings");
                      *out = std::move(text);
                      return {};
                    });
}

// A time limit that is one.
SettingParser<std::chrono::milliseconds> Above0(std::string_view name) {
  return [name](const std::string& text) -> Result<std::chrono::milliseconds> {
    Result<std::chrono::milliseconds> limit = TimeLimit(name, "")(text);
    if (limit && limit->count() > 0) return limit;
    return BadSetting(name, text, "expected whole milliseconds from 1ms to 24h, as in 2s");
  };
}

}  // namespace

void ReadDnsSettings(model::FieldReader& reader, ServerSettings* settings) {
  ReadServiceTtls(reader, &settings->service_ttl);
  ReadTexts(reader, "Recursors", &settings->recursors);
  ReadTexts(reader, "AllowRecursion", &settings->allow_recursion);
}

void TakeDnsSettings(SettingResolver& resolver, ServerOptions* options) {
  constexpr size_t kMaxRate = 100'000;
  resolver.Take(&ServerSettings::service_ttl, &options->service_ttl, ParseServiceTtls)
      .Take(&ServerSettings::node_ttl, &options->node_ttl, Ttl("node-ttl"))
      .Take(&ServerSettings::negative_ttl, &options->negative_ttl, Ttl("negative-ttl"))
      .Take(&ServerSettings::dns_any, &options->dns_any,
            OneOf("dns-any", {"minimal", "all"}, "expected minimal or all"))
      .Take(&ServerSettings::only_passing, &options->only_passing, TrueOrFalse("only-passing"))
      .Take(&ServerSettings::max_udp_payload, &options->max_udp_payload,
            Number("max-udp-payload", {512, dns::kMaxUdpPayload}))
      .Take(&ServerSettings::dns_order, &options->dns_order, ParseOrder)
      .Take(&ServerSettings::dns_max_answers, &options->dns_max_answers,
            Number("dns-max-answers", kAnyCount))
      .Take(&ServerSettings::dns_rate_limit, &options->dns_rate_limit,
            Number("dns-rate-limit", {0, kMaxRate}))
      .Take(&ServerSettings::dns_cookie_secret_file, &options->dns_cookie_secret, ReadCookieSecret)
      .Take(&ServerSettings::dns_max_connections, &options->dns_max_connections,
            Number("dns-max-connections", kAnyCount))
      .Take(&ServerSettings::dns_max_connections_per_address,
            &options->dns_max_connections_per_address,
            Number("dns-max-connections-per-address", kAnyCount))
      .Take(&ServerSettings::dns_idle_timeout, &options->dns_idle_timeout,
            Above0("dns-idle-timeout"))
      .Take(&ServerSettings::recursors, &options->recursors, ParseRecursors)
      .Take(&ServerSettings::recursor_timeout, &options->recursor_timeout,
            Above0("recursor-timeout"))
      .Take(&ServerSettings::allow_recursion, &options->allow_recursion, ParseAllowRecursion);
}

}  // namespace rollcall::cli
