// The agent's metrics (GET agent/metrics), gathered when somebody asks. docs/metrics.md says what
// each one means. On the agent's loop.
#pragma once

#include <prometheus/metric_family.h>

#include <array>
#include <chrono>
#include <vector>

#include "agent/dns_relay.h"
#include "agent/front/front.h"
#include "agent/local_state.h"
#include "agent/login/login.h"
#include "agent/registry_sync.h"
#include "api/http/server.h"
#include "api/shared/version_answer.h"
#include "registry/base/counter.h"
#include "registry/model/records.h"

namespace rollcall::agent {

// Attempts of probed checks, by what they found.
struct ProbeCounters {
  std::array<Counter, 3> by_status;
  void Count(model::CheckStatus status) { by_status[static_cast<size_t>(status)].Add(); }
};

// Whose numbers they are.
struct MetricSources {
  const api::BuildVersion& build;
  std::chrono::system_clock::time_point started;
  const LocalState& state;
  const ProbeCounters& probes;
  const RegistrySync& sync;
  const http::Server& http;
  const front::Front& front;
  const login::Login* login;  // null: none is configured
  const DnsRelay* dns;        // null: off
};

std::vector<prometheus::MetricFamily> CollectMetrics(const MetricSources& sources);

}  // namespace rollcall::agent
