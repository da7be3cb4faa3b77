// RouteContext: what the handlers of the agent's own API work on. Everything in it outlives the
// routes and belongs to the agent's loop.
#pragma once

#include <prometheus/metric_family.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "agent/access/guard.h"
#include "agent/local_state.h"
#include "agent/parked_reads.h"
#include "agent/tokens.h"
#include "api/http/router.h"
#include "api/shared/host_info.h"
#include "api/shared/log_monitor.h"
#include "api/shared/version_answer.h"
#include "registry/base/result.h"
#include "registry/model/definition.h"

namespace rollcall::agent {

// What the agent is, beyond its node. May change at any time.
struct AgentInfo {
  api::BuildVersion build;
  std::string datacenter = {};  // empty until a server has said it
  int http_port = 0;            // 0: off
  int https_port = 0;           // 0: off
  int dns_port = 0;             // of the agent's own DNS; 0: off
  std::chrono::system_clock::time_point started = std::chrono::system_clock::now();
};

// What requests make the agent do that is not the state's.
struct AgentActions {
  // Reads the definitions from files again; all of them are taken or, with an error, none.
  std::function<Result<void>()> reload;
  // Ends the agent, which takes leave of the registry.
  std::function<void()> leave;
  // Calls back when everything that has been registered so far would survive a restart.
  std::function<void(std::function<void(const Result<void>&)>)> when_kept;
  // All metrics as they are now.
  std::function<std::vector<prometheus::MetricFamily>()> metrics;
  // Makes these the agent's own tokens, and has them kept where that is wanted.
  std::function<void(Tokens)> use_tokens;
  // Has the tokens of definitions kept; when_kept waits for it.
  std::function<void()> keep_tokens;
  // Has the registry answer the request.
  http::Handler pass_on;
};

struct RouteContext {
  LocalState& state;
  const AgentInfo& info;
  AgentTokens& tokens;
  ParkedReads& parked;
  access::Guard& guard;
  api::LogMonitor& log;
  model::CheckRules rules;  // for what programs register
  AgentActions actions;
  api::HostSources host = {};
};

}  // namespace rollcall::agent
