// A thousand agents in one process: of each the part that talks to the registry (RegistrySync, with
// its own thread and connection), for a node and an instance of its own. Checks, HTTP and DNS,
// which the registry does not see, are left out. Of one thread; the agents run until it goes, and
// leave everything registered.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "agent/registry_sync.h"

namespace rollcall::e2e {

struct SimulatedFleet {
  std::string server_url;
  std::chrono::seconds node_ttl{15};
  size_t services = 0;
  size_t instances_each = 0;  // each on a node, and with an agent, of its own
};

// "svc-007"
std::string SimulatedService(size_t number);

class SimulatedAgents {
 public:
  explicit SimulatedAgents(const SimulatedFleet& fleet);

  // How many had an answer to their last request.
  size_t Connected() const;
  // How many heartbeats were answered, of all of them.
  uint64_t Heartbeats() const;

 private:
  std::vector<std::unique_ptr<agent::RegistrySync>> agents_;
};

}  // namespace rollcall::e2e
