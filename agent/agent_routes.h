// The agent's own HTTP API: /v1/agent/..., answered from the local state as a Consul agent answers.
// One route table. Handlers run on the agent's loop. A change is answered once it is kept.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "agent/local_state.h"
#include "api/http/router.h"
#include "registry/base/result.h"
#include "registry/model/definition.h"

namespace rollcall::agent {

// What /v1/agent/self says beyond the node. The agent's loop may change it at any time.
struct AgentInfo {
  std::string version;
  std::string datacenter;  // empty until a server has said it
  int dns_port = 0;        // of the agent's own DNS; 0: off
};

// What the routes have done that is not the state's.
struct AgentActions {
  // Reads the definitions from files again; all of them are taken or, with an error, none.
  std::function<Result<void>()> reload;
  // Calls back when everything that has been registered so far would survive a restart.
  std::function<void(std::function<void(const Result<void>&)>)> when_kept;
};

// `rules` are those for what programs register. `state` and `info` must outlive the routes.
std::vector<http::Route> AgentRoutes(LocalState& state, const AgentInfo& info,
                                     const model::CheckRules& rules, AgentActions actions);

}  // namespace rollcall::agent
