// The agent's configuration files: JSON, with settings of the agent and definitions of services and
// checks in Consul's shapes. Read at start and again at each reload. Any thread.
//
//   {"server": "http://registry:8500", "node_ttl": "15s",
//    "service": {"name": "web", "port": 80, "check": {"http": "...", "interval": "10s"}},
//    "services": [...], "check": {...}, "checks": [...], "watches": [...]}
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

// `paths` are files, or directories whose *.json files are read in the order of their names. What
// `flags` say goes before what files say. Errors are one line: "FILE:LINE: what is wrong", where
// the line is that of the definition.
Result<ConfigFiles> ReadConfigFiles(const std::vector<std::string>& paths,
                                    const Settings& flags = {});

}  // namespace rollcall::agent
