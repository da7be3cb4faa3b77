#include "agent/settings.h"

namespace rollcall::agent {
namespace {

template <typename T>
std::optional<T> Either(const std::optional<T>& over, const std::optional<T>& under) {
  return over ? over : under;
}

}  // namespace

Settings Merge(const Settings& over, const Settings& under) {
  Settings merged;
  merged.node = Either(over.node, under.node);
  merged.node_id = Either(over.node_id, under.node_id);
  merged.address = Either(over.address, under.address);
  merged.node_meta = over.node_meta.empty() ? under.node_meta : over.node_meta;
  merged.servers = over.servers.empty() ? under.servers : over.servers;
  merged.http = Either(over.http, under.http);
  merged.https = Either(over.https, under.https);
  merged.dns = Either(over.dns, under.dns);
  merged.server_dns = over.server_dns.empty() ? under.server_dns : over.server_dns;
  merged.dns_max_stale = Either(over.dns_max_stale, under.dns_max_stale);
  merged.data_dir = Either(over.data_dir, under.data_dir);
  merged.log_level = Either(over.log_level, under.log_level);
  merged.node_ttl = Either(over.node_ttl, under.node_ttl);
  merged.check_update_interval = Either(over.check_update_interval, under.check_update_interval);
  merged.cache_size = Either(over.cache_size, under.cache_size);
  merged.cache_stale_if_error = Either(over.cache_stale_if_error, under.cache_stale_if_error);
  merged.leave_on_terminate = Either(over.leave_on_terminate, under.leave_on_terminate);
  merged.enable_script_checks = Either(over.enable_script_checks, under.enable_script_checks);
  merged.enable_local_script_checks =
      Either(over.enable_local_script_checks, under.enable_local_script_checks);
  merged.datacenter = Either(over.datacenter, under.datacenter);
  merged.domain = Either(over.domain, under.domain);
  merged.security = Merge(over.security, under.security);
  return merged;
}

}  // namespace rollcall::agent
