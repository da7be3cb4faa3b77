// GET agent/metrics: as JSON, or with ?format=prometheus as Prometheus scrapes it. Any thread.
#pragma once

#include <prometheus/metric_family.h>

#include <chrono>
#include <vector>

#include "api/http/request.h"
#include "api/http/response.h"

namespace rollcall::api {

// `started`: since when the counters count.
http::Response MetricsAnswer(const http::Request& request,
                             const std::vector<prometheus::MetricFamily>& metrics,
                             std::chrono::system_clock::time_point started);

}  // namespace rollcall::api
