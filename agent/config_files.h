// The agent's configuration files: JSON, with settings of the agent and definitions of services and
// checks in Consul's shapes. Read at start and again at each reload. Any thread.
//
//   {"server": "http://registry:8500", "node_ttl": "15s",
//    "service": {"name": "web", "port": 80, "check": {"http": "...", "interval": "10s"}},
//    "services": [...], "check": {...}, "checks": [...]}
//
// Keys are in snake_case or CamelCase. Several files add up: definitions are collected, and a
// setting of a later file wins.
#pragma once

#include <string>
#include <vector>

#include "agent/local_state.h"
#include "agent/settings.h"
#include "registry/base/result.h"

namespace rollcall::agent {

struct ConfigFiles {
  Settings settings;
  Definitions definitions;
};

// `paths` are files, or directories whose *.json files are read in the order of their names.
// Errors are one line that names the file and the line or the key.
Result<ConfigFiles> ReadConfigFiles(const std::vector<std::string>& paths);

}  // namespace rollcall::agent
