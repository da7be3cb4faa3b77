// Operations: what the endpoints for operators need of the server around the API. Set once, before
// the first request; each function may be called from any thread and returns at once.
#pragma once

#include <prometheus/metric_family.h>

#include <chrono>
#include <functional>
#include <vector>

#include "api/shared/host_info.h"
#include "registry/base/result.h"

namespace rollcall::api {

struct Operations {
  // Reads the configuration again and applies what can be applied now. `done` is called exactly
  // once, on any thread; with an error nothing was changed.
  std::function<void(std::function<void(Result<void>)> done)> reload;
  // Ends the server as SIGTERM does.
  std::function<void()> stop;
  // What GET /v1/agent/host tells of.
  HostSources host;
  // All metrics as they are now, and since when they count.
  std::function<std::vector<prometheus::MetricFamily>()> metrics;
  std::chrono::system_clock::time_point started;
};

}  // namespace rollcall::api
