// Settings: what a person may say about the agent, on the command line or in files, as written.
// Everything is optional; agent/options.h decides what is left unsaid. Plain values.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "agent/security.h"
#include "registry/model/records.h"

namespace rollcall::agent {

struct Settings {
  std::optional<std::string> node;
  std::optional<std::string> node_id;
  std::optional<std::string> address;
  model::StringMap node_meta;
  std::vector<std::string> servers;
  std::optional<std::string> http;      // "ADDR:PORT" or "off"
  std::optional<std::string> https;     // likewise
  std::optional<std::string> dns;       // likewise
  std::vector<std::string> server_dns;  // "HOST:PORT"
  std::optional<std::chrono::nanoseconds> dns_max_stale;
  std::optional<std::string> data_dir;
  std::optional<std::string> log_level;
  std::optional<std::chrono::nanoseconds> node_ttl;
  std::optional<std::chrono::nanoseconds> check_update_interval;
  std::optional<int> cache_size;  // bytes
  std::optional<std::chrono::nanoseconds> cache_stale_if_error;
  std::optional<bool> leave_on_terminate;
  std::optional<bool> enable_script_checks;        // from files and through the API
  std::optional<bool> enable_local_script_checks;  // from files
  std::optional<std::string> datacenter;           // as is `domain`: of verify_server_hostname
  std::optional<std::string> domain;
  SecuritySettings security;
};

// `over` where it says something, `under` where it does not.
Settings Merge(const Settings& over, const Settings& under);

}  // namespace rollcall::agent
