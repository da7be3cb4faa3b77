// The agent's own HTTP API: /v1/agent/..., answered from the local state as a Consul agent answers.
// One route table. Handlers run on the agent's loop and answer at once.
#pragma once

#include <string>
#include <vector>

#include "agent/local_state.h"
#include "api/http/router.h"

namespace rollcall::agent {

// What /v1/agent/self says beyond the node. The agent's loop may change it at any time.
struct AgentInfo {
  std::string version;
  std::string datacenter;  // empty until a server has said it
  int dns_port = 0;        // of the agent's own DNS; 0: off
};

// `state` and `info` must outlive the routes.
std::vector<http::Route> AgentRoutes(LocalState& state, const AgentInfo& info);

}  // namespace rollcall::agent
