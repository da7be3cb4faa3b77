// GET agent/metrics: as JSON, or with ?format=prometheus as Prometheus scrapes it. Any thread.
#pragma once

#include <prometheus/metric_family.h>

#include <chrono>
#include <functional>
#include <vector>

#include "api/http/request.h"
#include "api/http/response.h"

namespace rollcall::api {

// `collect` tells all metrics as they are now; `started`: since when the counters count.
http::Response MetricsAnswer(const http::Request& request,
                             const std::function<std::vector<prometheus::MetricFamily>()>& collect,
                             std::chrono::system_clock::time_point started);

}  // namespace rollcall::api
