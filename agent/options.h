// Options: the agent's settings, checked and complete. What nobody said is decided here:
//   server        http://127.0.0.1:8500
//   http, dns     127.0.0.1:8500 and 127.0.0.1:8600, Consul's ports; but off when a server is on
//   this
//                 host's loopback, because that server answers there already
//   dns_max_stale 24h
//   https         off
//   node          the host's name
//   address       the address from which this host reaches the first server
//   node_ttl      15s
//   check_update_interval  5m
//   cache_size    16 MiB
//   cache_stale_if_error  24h
//   leave_on_terminate  true
//   enable_script_checks  false
//   datacenter, domain    dc1, consul: for the names of the servers' certificates
// Plain values.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/security.h"
#include "agent/settings.h"
#include "registry/base/result.h"
#include "registry/model/records.h"

namespace rollcall::agent {

struct ListenAddress {
  std::string address;  // an IP address
  uint16_t port = 0;    // 0: any free one
};

struct Options {
  model::Node node;
  std::vector<std::string> servers;  // URLs, "http://host:port"
  std::optional<ListenAddress> http;
  std::optional<ListenAddress> https;
  std::optional<ListenAddress> dns;
  std::string data_dir;                        // empty: nothing is kept over a restart
  std::vector<std::string> server_dns;         // "host:port"; none: where the server says
  std::chrono::seconds dns_max_stale{86'400};  // 0: stale answers are not served
  std::string log_level = "info";
  std::chrono::milliseconds node_ttl{15'000};
  // About how long a check's new output waits while its status stays; 0: not at all.
  std::chrono::milliseconds check_update_interval{300'000};
  // Of answers that are kept for ?cached reads; 0: none are.
  size_t cache_size = 16 * 1024 * 1024;
  // How old they may be when no server can be reached, for readers that do not say.
  std::chrono::seconds cache_stale_if_error = std::chrono::hours(24);
  bool leave_on_terminate = true;
  SecurityOptions security;
  bool api_script_checks = false;  // whether programs may register checks that run a script
};

// Looks at the host: its name, its addresses, the data directory (which is created, and where the
// node's ID is kept). Errors are one line that names the setting.
Result<Options> ResolveOptions(const Settings& settings);

// The same errors as far as they are the settings' own: the host is not looked at, and nothing is
// made.
Result<void> CheckSettings(const Settings& settings);

}  // namespace rollcall::agent
