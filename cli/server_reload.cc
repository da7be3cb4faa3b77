#include "cli/server_reload.h"

#include <chrono>
#include <string_view>
#include <utility>

namespace rollcall::cli {
namespace {

std::string Show(const std::string& text) { return text; }
std::string Show(bool value) { return value ? "true" : "false"; }
std::string Show(size_t number) { return std::to_string(number); }
std::string Show(http::TlsVersion version) { return std::string(NameOf(version)); }
std::string Show(const NetworkSet& networks) {
  return networks.empty() ? "none" : networks.ToText();
}
std::string Show(const dns::ServiceTtls& ttls) { return ttls.ToText(); }
std::string Show(api::LimitMode mode) { return std::string(NameOf(mode)); }
std::string Show(const api::RequestRate& rate) {
  return std::to_string(rate.per_second) + ":" + std::to_string(rate.burst);
}
std::string Show(std::chrono::seconds ttl) { return std::to_string(ttl.count()) + "s"; }

class Planner {
 public:
  Planner(const ServerOptions& running, const ServerOptions& read)
      : has_tls_(running.https && read.https), plan_{running, {}, {}} {}

  template <typename T>
  Planner& Apply(const char* name, T ServerOptions::*option, const T& read) {
    Change(name, plan_.options.*option, read);
    return *this;
  }

  Planner& ApplyLimits(const api::RequestLimitOptions& read) {
    api::RequestLimitOptions& running = plan_.options.request_limits;
    for (size_t i = 0; i < api::kRateLimits; ++i) {
      Change(NameOf(static_cast<api::Limit>(i)), running.rates[i], read.rates[i]);
    }
    Change(NameOf(api::Limit::kFailedAuth), running.failed_auth_per_minute,
           read.failed_auth_per_minute);
    Change("limit-exempt", running.exempt, read.exempt);
    Change("limit-mode", running.mode, read.mode);
    return *this;
  }

  // Where HTTPS is to begin or to end, which takes a restart, its files wait for that, too.
  template <typename T>
  Planner& ApplyToTls(const char* name, T ServerOptions::*option, const T& read) {
    return has_tls_ ? Apply(name, option, read) : Postpone(name, plan_.options.*option, read);
  }

  // Secrets, which are not shown.
  Planner& ApplyTokens(const AccessSettings& read) {
    AccessSettings& access = plan_.options.access;
    if (access.default_token != read.default_token)
      plan_.applied.emplace_back("acl.tokens.default");
    if (access.dns_token != read.dns_token) plan_.applied.emplace_back("acl.tokens.dns");
    access.default_token = read.default_token;
    access.dns_token = read.dns_token;
    access.down_policy = read.down_policy;
    return *this;
  }

  template <typename T>
  Planner& Postpone(const char* name, const T& running, const T& read) {
    if (!(running == read)) plan_.postponed.emplace_back(name);
    return *this;
  }

  ReloadPlan Take() { return std::move(plan_); }

 private:
  template <typename T>
  void Change(std::string_view name, T& value, const T& read) {
    if (value == read) return;
    plan_.applied.push_back(std::string(name) + " " + Show(value) + " -> " + Show(read));
    value = read;
  }

  const bool has_tls_;
  ReloadPlan plan_;
};

}  // namespace

ReloadPlan PlanReload(const ServerOptions& running, const ServerOptions& read) {
  // Written out so that an option which is added does not compile until it is dealt with here.
  const auto& [datacenter, domain, alt_domain, node, data_dir, shared_store, max_stale, http, https,
               tls_cert_file, tls_key_file, tls_ca_file, tls_verify_incoming, tls_min_version,
               access, dns, advertise, workers, log_level, service_ttl, node_ttl, negative_ttl,
               dns_any, only_passing, max_udp_payload, dns_order, dns_max_answers, dns_rate_limit,
               dns_cookie_secret, dns_max_connections, dns_max_connections_per_address,
               dns_idle_timeout, recursors, recursor_timeout, allow_recursion, limits,
               max_connections, max_connections_per_address, max_parked_queries, drain_grace,
               request_limits, audit] = read;
  return Planner(running, read)
      .Apply("log-level", &ServerOptions::log_level, log_level)
      .Apply("service-ttl", &ServerOptions::service_ttl, service_ttl)
      .Apply("node-ttl", &ServerOptions::node_ttl, node_ttl)
      .Apply("negative-ttl", &ServerOptions::negative_ttl, negative_ttl)
      .Apply("dns-any", &ServerOptions::dns_any, dns_any)
      .Apply("only-passing", &ServerOptions::only_passing, only_passing)
      .Apply("dns-max-answers", &ServerOptions::dns_max_answers, dns_max_answers)
      .ApplyToTls("tls-cert-file", &ServerOptions::tls_cert_file, tls_cert_file)
      .ApplyToTls("tls-key-file", &ServerOptions::tls_key_file, tls_key_file)
      .ApplyToTls("tls-ca-file", &ServerOptions::tls_ca_file, tls_ca_file)
      .ApplyToTls("tls-verify-incoming", &ServerOptions::tls_verify_incoming, tls_verify_incoming)
      .ApplyToTls("tls-min-version", &ServerOptions::tls_min_version, tls_min_version)
      .Apply("allow-recursion", &ServerOptions::allow_recursion, allow_recursion)
      .ApplyLimits(request_limits)
      .Postpone("datacenter", running.datacenter, datacenter)
      .Postpone("domain", running.domain, domain)
      .Postpone("alt-domain", running.alt_domain, alt_domain)
      .Postpone("node", running.node, node)
      .Postpone("data-dir", running.data_dir, data_dir)
      .Postpone("store", running.shared_store, shared_store)
      .Postpone("max-stale", running.max_stale, max_stale)
      .Postpone("http", running.http, http)
      .Postpone("https", running.https, https)
      .ApplyTokens(access)
      .Postpone("acl", running.access.enabled, access.enabled)
      .Postpone("acl-default-policy", running.access.default_policy, access.default_policy)
      .Postpone("dns", running.dns, dns)
      .Postpone("advertise", running.advertise, advertise)
      .Postpone("workers", running.workers, workers)
      .Postpone("max-udp-payload", running.max_udp_payload, max_udp_payload)
      .Postpone("dns-order", running.dns_order, dns_order)
      .Postpone("dns-rate-limit", running.dns_rate_limit, dns_rate_limit)
      .Postpone("dns-cookie-secret-file", running.dns_cookie_secret, dns_cookie_secret)
      .Postpone("dns-max-connections", running.dns_max_connections, dns_max_connections)
      .Postpone("dns-max-connections-per-address", running.dns_max_connections_per_address,
                dns_max_connections_per_address)
      .Postpone("dns-idle-timeout", running.dns_idle_timeout, dns_idle_timeout)
      .Postpone("recursor", running.recursors, recursors)
      .Postpone("recursor-timeout", running.recursor_timeout, recursor_timeout)
      .Postpone("max-body-bytes", running.limits.max_body_bytes, limits.max_body_bytes)
      .Postpone("max-header-bytes", running.limits.max_header_bytes, limits.max_header_bytes)
      .Postpone("max-connections", running.max_connections, max_connections)
      .Postpone("max-connections-per-address", running.max_connections_per_address,
                max_connections_per_address)
      .Postpone("max-parked-queries", running.max_parked_queries, max_parked_queries)
      .Postpone("header-timeout", running.limits.header_timeout, limits.header_timeout)
      .Postpone("body-timeout", running.limits.body_timeout, limits.body_timeout)
      .Postpone("idle-timeout", running.limits.idle_timeout, limits.idle_timeout)
      .Postpone("write-timeout", running.limits.write_timeout, limits.write_timeout)
      .Postpone("drain-grace", running.drain_grace, drain_grace)
      .Postpone("audit-log", running.audit, audit)
      .Take();
}

}  // namespace rollcall::cli
