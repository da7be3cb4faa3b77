// What reading the settings again changes in a server that runs: the log level, the TTLs of DNS,
// the limits of requests and the files of TLS at once, everything else with the next start. A pure
// function; any thread.
#pragma once

#include <string>
#include <vector>

#include "cli/server_options.h"

namespace rollcall::cli {

struct ReloadPlan {
  ServerOptions options;               // what is to run from now on
  std::vector<std::string> applied;    // "service-ttl 0s -> 5s"
  std::vector<std::string> postponed;  // the names of what waits for a restart
};

ReloadPlan PlanReload(const ServerOptions& running, const ServerOptions& read);

}  // namespace rollcall::cli
